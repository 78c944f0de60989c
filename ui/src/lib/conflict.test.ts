import { describe, expect, it } from "vitest";
import type { ConflictView } from "../api/generated/ConflictView";
import { chosenOf, overtaken, paired, refusal, writing } from "./conflict";

function conflict(parts: Partial<ConflictView>): ConflictView {
  return {
    id: 1, connection: "Desk", source_ticket: "INC1", target_ticket: "CSD-1", field: "Due date", agreed_source: "a", agreed_target: "A",
    source: "b", target: "C", target_would_be: "B", source_would_be: "c", found_ms: 10, decided: null, mark: "m1",
    source_title: "", target_title: "", type_mapping: "Incident", mapping: "due=duedate", on_conflict: "ask", source_changed_ms: null, target_changed_ms: null, ...parts,
  };
}

describe("paired", () => {
  it("puts fields of one pair together, the oldest pair first, decided pairs last", () => {
    const pairs = paired([
      conflict({ id: 1, source_ticket: "INC9", found_ms: 5, decided: "source" }), conflict({ id: 2, found_ms: 20 }),
      conflict({ id: 3, found_ms: 12, decided: "target" }), conflict({ id: 4, connection: "Other", found_ms: 11 }),
    ]);
    expect(pairs.map((pair) => [pair.connection, pair.source, pair.fields.map((field) => field.id), pair.found_ms, pair.decided])).toEqual([
      ["Other", "INC1", [4], 11, false], ["Desk", "INC1", [2, 3], 12, false], ["Desk", "INC9", [1], 5, true],
    ]);
  });
});

describe("choices", () => {
  it("count only for the values they were made for", () => {
    const made = new Map([[1, { choice: "source" as const, mark: "m1" }]]);
    expect(chosenOf(conflict({}), made)).toBe("source");
    expect(chosenOf(conflict({ mark: "m2" }), made)).toBeNull();
    expect(overtaken(conflict({ mark: "m2" }), made)).toBe(true);
    expect(chosenOf(conflict({ decided: "leave" }), new Map())).toBe("leave");
  });

  it("are written on the other side, in its words", () => {
    expect(writing(conflict({}), "source")).toEqual({ side: "target", value: "B" });
    expect(writing(conflict({}), "target")).toEqual({ side: "source", value: "c" });
    expect(writing(conflict({}), "leave")).toBeNull();
  });

  it("are refused where the other side cannot hold the value", () => {
    expect(refusal(conflict({ target_would_be: null }), "source", "Jira")).toContain("Jira cannot hold");
    expect(refusal(conflict({ target_would_be: null }), "target", "ServiceNow")).toBeNull();
    expect(refusal(conflict({ target_would_be: null }), "leave", "Jira")).toBeNull();
  });
});
