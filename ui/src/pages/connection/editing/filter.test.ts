import { describe, expect, it } from "vitest";
import type { Condition } from "../../../api/generated/Condition";
import type { Filter } from "../../../api/generated/Filter";
import { filterText, joinedBy, withConditions, withOperator } from "./filter";

const severity: Condition = { field: "severity", operator: "is", values: ["1", "2"] };
const team: Condition = { field: "team", operator: "is_not", values: ["t8"] };
const note: Condition = { field: "note", operator: "empty" };
const words = {
  label: (field: string) => ({ severity: "Severity", team: "Team" })[field] ?? field,
  values: (field: string) => (field === "severity" ? [{ id: "1", label: "Critical" }, { id: "2", label: "Major" }] : []),
};

describe("filters", () => {
  it.each<[Filter | undefined, string | null]>([
    [undefined, null],
    [{}, null],
    [{ all: [severity, team] }, "Severity is Critical or Major and Team is not t8"],
    [{ any: [team, note] }, "Team is not t8 or note is empty"],
    [{ all: [severity], any: [team, note] }, "Severity is Critical or Major and (Team is not t8 or note is empty)"],
    [{ all: [{ field: "severity", operator: "is", values: [] }] }, "Severity is …"],
  ])("%j reads as %j", (filter, text) => {
    expect(filterText(filter, words)).toBe(text);
  });
  it("joins both groups into one", () => expect(joinedBy({ all: [severity], any: [team] }, "any")).toEqual({ any: [severity, team] }));
  it("leaves empty groups out", () => expect(withConditions({ all: [severity] }, "all", [])).toEqual({}));
  it("drops values an operator does not compare with", () => expect(withOperator(severity, "empty")).toEqual({ field: "severity", operator: "empty" }));
});
