import { describe, expect, it } from "vitest";
import { fits } from "./fuzzy";

function best(typed: string, names: string[]): string[] {
  return names.flatMap((name) => {
    const fit = fits(typed, name);
    return fit === null ? [] : [{ name, fit }];
  }).sort((one, other) => other.fit - one.fit).map((each) => each.name);
}

describe("fits", () => {
  it("takes letters in their order", () => {
    expect(fits("dnm", "Dunmarrow incidents")).not.toBeNull();
    expect(fits("mnd", "Dunmarrow")).toBeNull();
    expect(fits("", "anything")).toBe(0);
  });

  it("puts beginnings before words inside before scattered letters", () => {
    expect(best("con", ["Fennick contracts", "Conflicts", "Scones", "Connection", "Cold open"])).toEqual(["Conflicts", "Connection", "Fennick contracts", "Scones", "Cold open"]);
  });
});
