import { describe, expect, it } from "vitest";
import { emptyWorld } from "../../api/memory";
import { script } from "../../api/memory-data";
import { linesOf, type Look, ticked } from "./lines";
import { NO_ROWS, rowsAfter } from "./rows";

const rows = { ...emptyWorld(), ...script("calm") }.plans.get(40)?.rows ?? [];
const look = (more: Partial<Look> = {}): Look => ({ filter: { chip: "all", customer: false, search: "" }, open: new Set(), shut: new Set(), counts: null, ...more });
const shape = (more: Partial<Look> = {}) => linesOf(rows, look(more)).filter((line) => line.kind === "group").map((line) => [line.label, line.count]);

describe("the lines of a plan", () => {
  it("stand in groups, what needs a decision before what is skipped", () => {
    expect(shape()).toEqual([["Create", 7], ["Update", 33], ["Close", 4], ["Needs a decision", 1], ["Skip", 2]]);
    expect(linesOf(rows, look())).toHaveLength(47 + 5);
  });

  it.each([
    [{ chip: "comment" as const }, [["Update", 9]]], [{ chip: "file" as const }, [["Create", 1], ["Update", 1]]], [{ chip: "conflict" as const }, [["Needs a decision", 1]]],
    [{ chip: "closed" as const }, [["Close", 4]]], [{ customer: true }, [["Create", 1], ["Update", 5], ["Close", 1]]], [{ search: "second screen" }, [["Close", 1]]],
  ])("are fewer under %j", (filter, groups) => {
    expect(shape({ filter: { chip: "all", customer: false, search: "", ...filter } })).toEqual(groups);
  });

  it("say how many there will be while rows are still read", () => {
    const [head, first] = linesOf(rows.slice(0, 3), look({ counts: new Map([["created", 7]]) }));
    expect(head).toMatchObject({ kind: "group", count: 7 });
    expect(first).toMatchObject({ kind: "row", place: 1, of: 7 });
  });

  it("leave out the rows of a group that is shut, and show the changes of a row that is open", () => {
    expect(linesOf(rows, look({ shut: new Set(["updated"]) }))).toHaveLength(47 + 5 - 33);
    const open = linesOf(rows, look({ open: new Set([7]) })).filter((line) => line.kind === "detail");
    expect(open.map((line) => line.detail.label)).toEqual(["Status", "Priority", "Components", "Comment"]);
  });

  it("know whether all, some or none are ticked", () => {
    expect([rows.slice(0, 3), rows.slice(0, 4), rows.slice(3, 4)].map(ticked)).toEqual(["all", "some", "none"]);
  });
});

describe("the rows of a plan", () => {
  it("keep a tick that came before their page", () => {
    const ordered = rowsAfter(NO_ROWS, { event: "ordered", order: { which: { outcome: "created" }, included: false } });
    const read = rowsAfter(ordered, { event: "page", rows });
    expect(read.rows.filter((row) => row.included)).toHaveLength(47 - 7);
    expect(rowsAfter(read, { event: "ordered", order: { which: { these: [0, 1] }, included: true } }).rows.filter((row) => row.included)).toHaveLength(47 - 5);
    expect(rowsAfter(read, { event: "again" })).toEqual(NO_ROWS);
  });
});
