import { describe, expect, it } from "vitest";
import type { FieldMapping } from "../../../api/generated/FieldMapping";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { type Edit, edited } from "./edits";

const copy: FieldMapping = { source: "short_description", target: "summary", direction: "<->", rule: { kind: "copy" } };
const state: FieldMapping = {
  source: "state", target: "status", direction: "<->",
  rule: {
    kind: "values", otherwise: "ask", otherwise_back: "leave",
    pair: [{ source: "1", target: "open" }, { source: "3", target: "waiting" }, { source: "3", target: "vendor" }, { source: "2", target: "escalated", direction: "<-" }],
  },
};
const matrix: FieldMapping = {
  source: ["impact", "urgency"], target: "priority", direction: "->",
  rule: { kind: "matrix", otherwise: "ask", cell: [{ when: ["1", "1"], then: "highest" }] },
};

// A field that this window does not know stays as it is.
const unknown = { future_setting: { kept: [1, 2] } };

function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}

const incident: TypeMapping = frozen(structuredClone({ name: "Incident", source: { container: "", ticket_type: "incident" }, target: { container: "CSD", ticket_type: "Task" }, field: [copy, state, matrix], ...unknown }));

function rows(now: TypeMapping): FieldMapping[] {
  return now.field;
}

function pairs(now: TypeMapping) {
  const row = rows(now)[1];
  return row?.rule.kind === "values" ? row.rule.pair.map((pair) => `${pair.source}${pair.direction ?? "<->"}${pair.target}`) : [];
}

const noted: FieldMapping = { source: "close_notes", target: "description", direction: "->", rule: { kind: "text", template: "{close_notes}" } };

describe("edits", () => {
  const table: [string, Edit, (now: TypeMapping) => unknown, unknown][] = [
    ["adds a row at the end", { do: "add_rows", rows: [noted] }, (now) => rows(now).at(-1), noted],
    ["adds a row at a place", { do: "add_rows", rows: [noted], at: 1 }, (now) => rows(now)[1], noted],
    ["removes a row", { do: "remove_row", row: 0 }, (now) => rows(now).length, 2],
    ["moves a row down", { do: "move_row", row: 0, to: 2 }, (now) => rows(now).map((row) => row.target), ["status", "priority", "summary"]],
    ["moves a row up", { do: "move_row", row: 2, to: 0 }, (now) => rows(now).map((row) => row.target), ["priority", "summary", "status"]],
    ["sets one field", { do: "set_fields", row: 0, side: "source", fields: ["number"] }, (now) => rows(now)[0]?.source, "number"],
    ["sets several fields", { do: "set_fields", row: 0, side: "source", fields: ["a", "b"] }, (now) => rows(now)[0]?.source, ["a", "b"]],
    ["takes a side away", { do: "set_fields", row: 0, side: "source", fields: [] }, (now) => "source" in (rows(now)[0] ?? {}), false],
    ["turns a row", { do: "set_direction", row: 0, direction: "<-" }, (now) => rows(now)[0]?.direction, "<-"],
    ["sets a fixed value", { do: "set_rule", row: 0, rule: { kind: "constant", value: "x" } }, (now) => rows(now)[0]?.rule, { kind: "constant", value: "x" }],
    ["sets a text", { do: "set_rule", row: 0, rule: { kind: "text", template: "{key}" } }, (now) => rows(now)[0]?.rule, { kind: "text", template: "{key}" }],
    ["matches people", { do: "set_rule", row: 0, rule: { kind: "person", fallback: "ines" } }, (now) => rows(now)[0]?.rule, { kind: "person", fallback: "ines" }],
    ["builds a description", { do: "set_rule", row: 0, rule: { kind: "description", line: [], original: "description" } }, (now) => rows(now)[0]?.rule.kind, "description"],
    ["writes on create only", { do: "set_write", row: 0, write: "on_create" }, (now) => rows(now)[0]?.write, "on_create"],
    ["writes while a status holds", { do: "set_write", row: 0, write: { while_status: ["2"] } }, (now) => rows(now)[0]?.write, { while_status: ["2"] }],
    ["decides who wins", { do: "set_on_conflict", row: 0, onConflict: "source_wins" }, (now) => rows(now)[0]?.on_conflict, "source_wins"],
    ["writes over changes of the other side", { do: "set_enforce", row: 2, on: true }, (now) => rows(now)[2]?.enforce, true],
    ["builds a description one way", { do: "set_rule", row: 0, rule: { kind: "description", line: [], original: "description" } }, (now) => rows(now)[0]?.direction, "->"],
    ["adds a pair", { do: "add_pair", row: 1, source: "8", target: "wont", direction: "<->" }, pairs, ["1<->open", "3<->waiting", "3<->vendor", "2<-escalated", "8<->wont"]],
    ["removes a pair", { do: "remove_pair", row: 1, pair: 1 }, pairs, ["1<->open", "3<->vendor", "2<-escalated"]],
    ["gives a pair another value", { do: "set_end", row: 1, pair: 0, side: "target", value: "done" }, pairs, ["1<->done", "3<->waiting", "3<->vendor", "2<-escalated"]],
    ["turns a pair", { do: "turn_pair", row: 1, pair: 2, direction: "<-" }, pairs, ["1<->open", "3<->waiting", "3<-vendor", "2<-escalated"]],
    ["decides the way back", { do: "use_on_way_back", row: 1, pair: 2, on: true }, pairs, ["1<->open", "3<-waiting", "3<->vendor", "2<-escalated"]],
    ["takes the way back away", { do: "use_on_way_back", row: 1, pair: 2, on: false }, pairs, ["1<->open", "3<->waiting", "3<-vendor", "2<-escalated"]],
    ["says what happens to everything else", { do: "set_otherwise", row: 1, to: "target", otherwise: { use: "open" } }, (now) => rows(now)[1]?.rule, { ...state.rule, otherwise: { use: "open" } }],
    ["and on the way back", { do: "set_otherwise", row: 1, to: "source", otherwise: "ask" }, (now) => rows(now)[1]?.rule, { ...state.rule, otherwise_back: "ask" }],
    ["begins a matrix", { do: "set_matrix", row: 1, fields: ["state", "impact"] }, (now) => rows(now)[1], { source: ["state", "impact"], target: "status", direction: "->", rule: { kind: "matrix", cell: [], otherwise: "ask" } }],
    ["fills a cell", { do: "set_cell", row: 2, when: ["1", "2"], then: "high" }, (now) => rows(now)[2]?.rule, { ...matrix.rule, cell: [{ when: ["1", "1"], then: "highest" }, { when: ["1", "2"], then: "high" }] }],
    ["changes a cell", { do: "set_cell", row: 2, when: ["1", "1"], then: "high" }, (now) => rows(now)[2]?.rule, { ...matrix.rule, cell: [{ when: ["1", "1"], then: "high" }] }],
    ["empties a cell", { do: "set_cell", row: 2, when: ["1", "1"], then: null }, (now) => rows(now)[2]?.rule, { ...matrix.rule, cell: [] }],
    [
      "supplies what a status change needs", { do: "set_need", row: 1, pair: 0, side: "target", field: "resolution", need: { field: "resolution", fixed: "done" } },
      (now) => (rows(now)[1]?.rule as { pair: unknown[] }).pair[0], { source: "1", target: "open", target_needs: [{ field: "resolution", fixed: "done" }] },
    ],
    [
      "applies the changes of a remedy", { do: "apply", changes: [{ do: "turn_pair", field: 1, pair: 2, direction: "<-" }, { do: "add_pair", field: 1, source: "8", target: "wont", direction: "<->" }, { do: "turn_field", field: 0, direction: "->" }] },
      (now) => [...pairs(now), rows(now)[0]?.direction], ["1<->open", "3<->waiting", "3<-vendor", "2<-escalated", "8<->wont", "->"],
    ],
    ["applies a removal", { do: "apply", changes: [{ do: "remove_pair", field: 1, pair: 0 }, { do: "remove_field", field: 2 }] }, (now) => [pairs(now).length, rows(now).length], [3, 2]],
  ];

  it.each(table)("%s", (_, edit, look, expected) => {
    const now = edited(incident, edit);
    expect(look(now)).toEqual(expected);
    expect(now).toMatchObject(unknown);
  });

  const idle: [string, Edit][] = [
    ["a row that is not there", { do: "remove_row", row: 9 }],
    ["a pair that is there already", { do: "add_pair", row: 1, source: "1", target: "open", direction: "->" }],
    ["a value that makes the pair one that is there", { do: "set_end", row: 1, pair: 1, side: "target", value: "vendor" }],
    ["the same direction", { do: "set_direction", row: 0, direction: "<->" }],
    ["nothing to enforce", { do: "set_enforce", row: 2, on: false }],
    ["a default spelled out", { do: "set_write", row: 0, write: "always" }],
    ["a move to its own place", { do: "move_row", row: 1, to: 1 }],
    ["a pair of a row without pairs", { do: "turn_pair", row: 0, pair: 0, direction: "->" }],
    ["no changes", { do: "apply", changes: [] }],
  ];

  it.each(idle)("leaves everything as it is for %s", (_, edit) => {
    expect(edited(incident, edit)).toBe(incident);
  });

  it("leaves defaults out, so that an edit taken back says what was saved", () => {
    const turned = edited(incident, { do: "turn_pair", row: 1, pair: 0, direction: "->" });
    expect(edited(turned, { do: "turn_pair", row: 1, pair: 0, direction: "<->" })).toEqual(incident);
    const wins = edited(incident, { do: "set_on_conflict", row: 0, onConflict: "newest_wins" });
    expect(edited(wins, { do: "set_on_conflict", row: 0, onConflict: "ask" })).toEqual(incident);
  });
});
