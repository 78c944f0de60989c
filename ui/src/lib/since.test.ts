import { describe, expect, it } from "vitest";
import { sinceMs, sinceOptions } from "./since";

const now = new Date(2026, 4, 12, 14, 10).getTime();

describe("since", () => {
  it("offers the last run only when there was one", () => {
    expect(sinceOptions(true, null).map((option) => option.choice)).not.toContain("last_run");
    expect(sinceOptions(false, "today 09:14")[0]).toEqual({ choice: "last_run", label: "Last run, today 09:14" });
  });

  it("knows the moment of each choice", () => {
    expect(sinceMs("last_run", "", now)).toBeNull();
    expect(sinceMs("today", "", now)).toBe(new Date(2026, 4, 12).getTime());
    expect(sinceMs("day", "", now)).toBe(now - 86_400_000);
    expect(sinceMs("week", "", now)).toBe(now - 7 * 86_400_000);
    expect(sinceMs("all", "", now)).toBe(0);
    expect(sinceMs("pick", "2026-05-03", now)).toBe(new Date(2026, 4, 3).getTime());
  });

  it.each(["", "3 May", "2026-13-40"])("%j is no day", (picked) => {
    expect(sinceMs("pick", picked, now)).toBeUndefined();
  });
});
