import { describe, expect, it } from "vitest";
import type { FieldMapping } from "../../../api/generated/FieldMapping";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { type Edit, edited } from "./edits";
import { type EditorState, fitted, followed, ledBack, reduced, started, viewOf } from "./reducer";

const copy = (source: string, target: string): FieldMapping => ({ source, target, direction: "<->", rule: { kind: "copy" } });
const state: FieldMapping = {
  source: "state", target: "status", direction: "<->",
  rule: { kind: "values", otherwise: "ask", otherwise_back: "leave", pair: [{ source: "1", target: "open" }, { source: "3", target: "waiting" }] },
};
const before: TypeMapping = { name: "Incident", source: { container: "", ticket_type: "incident" }, target: { container: "CSD", ticket_type: "Task" }, field: [copy("a", "b"), state, copy("c", "d")] };
const at = (row: number, open: number): EditorState => ({ ...started(0), row, open });

describe("a place", () => {
  const table: [string, EditorState, Edit, { row: number | null; open: number | null }][] = [
    ["stays with its row when one above goes", at(2, 1), { do: "remove_row", row: 0 }, { row: 1, open: 0 }],
    ["goes to the next row when its own goes", at(1, 1), { do: "remove_row", row: 1 }, { row: 1, open: null }],
    ["goes to the last row when the last goes", at(2, 2), { do: "remove_row", row: 2 }, { row: 1, open: null }],
    ["moves with its row", at(0, 0), { do: "move_row", row: 0, to: 2 }, { row: 2, open: 2 }],
    ["makes room for a row that moves up", at(1, 1), { do: "move_row", row: 2, to: 0 }, { row: 2, open: 2 }],
    ["goes to a new row", at(0, 0), { do: "add_rows", rows: [copy("e", "f")] }, { row: 3, open: null }],
  ];
  it.each(table)("%s", (_, from, edit, expected) => {
    expect(fitted(followed(from, edit, before), 0, edited(before, edit))).toMatchObject(expected);
  });

  it("is at a pair that was just drawn", () => {
    const edit: Edit = { do: "add_pair", row: 1, source: "8", target: "wont", direction: "<->" };
    expect(fitted(followed(at(1, 1), edit, before), 0, edited(before, edit)).pair).toBe(2);
  });

  it("begins anew in another ticket type", () => expect(fitted(at(1, 1), 1, before)).toEqual(started(1)));
  it("lets go of a row that is not there any more", () => expect(fitted(at(2, 2), 0, { ...before, field: [state] })).toMatchObject({ row: null, open: null }));
  it("stays the same object where nothing is to be let go", () => {
    const place = at(1, 1);
    expect(fitted(place, 0, before)).toBe(place);
  });

  it("is led back to, and what was picked up is put down", () => {
    const there = reduced(started(0), { type: "open_row", row: 1, pair: 1 });
    const away: EditorState = { ...at(2, 2), chosen: { side: "source", field: "a", held: true } };
    expect(ledBack(away, viewOf(there))).toMatchObject({ row: 1, open: 1, pair: 1, chosen: null });
    expect(ledBack(away, undefined)).toMatchObject({ row: 2, open: 2, chosen: null });
  });
});
