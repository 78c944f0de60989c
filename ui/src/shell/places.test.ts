import { describe, expect, it } from "vitest";
import { run } from "../api/memory-data";
import { placesFor } from "./places";

const known = { connections: [], accounts: [], runs: [run({ id: 2416, connection: "Desk" })] };

describe("placesFor", () => {
  it.each([
    ["inc0048213", ["Explain INC0048213"]],
    ["CSD-1187", ["Explain CSD-1187"]],
    ["2416", ["Run 2,416 (Desk)"]],
    ["run 2,400", ["Run 2,400"]],
    ["9999", []],
    ["quar", ["Quarantine"]],
    ["zzz", []],
  ])("%s", (typed, labels) => expect(placesFor(typed, known).map((place) => place.label)).toEqual(labels));

  it("offers the screens before anything is typed", () => {
    expect(placesFor("", known).slice(0, 3).map((place) => place.label)).toEqual(["Overview", "Sync", "Conflicts"]);
  });
});
