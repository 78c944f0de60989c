// In how many places two documents differ, in words: what is unsaved, and what a version would bring back.
import type { ConnectionDoc } from "../../../api/generated/ConnectionDoc";
import type { FieldMapping } from "../../../api/generated/FieldMapping";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { same } from "./changes";
import { fieldsOf, keyOf, pairsOf, typesOf } from "./rows";

export interface Difference {
  type: string;
  /** The row's fields, or nothing where the whole type is meant. */
  row: FieldMapping | null;
  what: string;
}

/** Differences from one document to another; empty where they say the same. */
export function differences(from: ConnectionDoc, to: ConnectionDoc): Difference[] {
  if (from === to) return [];
  const before = new Map(typesOf(from).map((type) => [type.name, type]));
  const after = new Map(typesOf(to).map((type) => [type.name, type]));
  const gone = [...before.values()].filter((type) => !after.has(type.name)).map((type) => ({ type: type.name, row: null, what: "removed" }));
  const rest = [...after.values()].flatMap((type) => {
    const was = before.get(type.name);
    return was === undefined ? [{ type: type.name, row: null, what: "added" }] : typeDifferences(was, type);
  });
  const other = same({ ...from, type: null }, { ...to, type: null }) ? [] : [{ type: "", row: null, what: "Setup changed" }];
  return [...gone, ...rest, ...other];
}

function typeDifferences(from: TypeMapping, to: TypeMapping): Difference[] {
  if (from === to) return [];
  const [before, after] = [byKey(from.field), byKey(to.field)];
  const found: Difference[] = [];
  const tell = (row: FieldMapping | null, what: string) => found.push({ type: to.name, row, what });
  for (const [key, row] of before) if (!after.has(key)) tell(row, "row removed");
  for (const [key, row] of after) {
    const was = before.get(key);
    if (was === undefined) tell(row, "row added");
    else for (const what of rowDifferences(was, row)) tell(row, what);
  }
  const order = [...before.keys()].filter((key) => after.has(key));
  const orderNow = [...after.keys()].filter((key) => before.has(key));
  if (!same(order, orderNow)) tell(null, "order of rows");
  if (!same({ ...from, field: [] }, { ...to, field: [] })) tell(null, "other settings");
  return found;
}

/** Rows by key; two rows of the same fields keep apart. */
function byKey(rows: FieldMapping[]): Map<string, FieldMapping> {
  const map = new Map<string, FieldMapping>();
  for (const row of rows) {
    let key = keyOf(row);
    while (map.has(key)) key += "'";
    map.set(key, row);
  }
  return map;
}

function rowDifferences(from: FieldMapping, to: FieldMapping): string[] {
  if (from === to || same(from, to)) return [];
  const found: string[] = [];
  if (from.direction !== to.direction) found.push("direction");
  if (!same(from.write, to.write)) found.push("when it is written");
  if (from.on_conflict !== to.on_conflict || from.enforce !== to.enforce) found.push("what wins");
  if (from.rule.kind !== to.rule.kind) return [...found, "rule"];
  if (from.rule.kind === "values" && to.rule.kind === "values") {
    if (!same(from.rule.otherwise, to.rule.otherwise)) found.push("everything else");
    if (!same(from.rule.otherwise_back, to.rule.otherwise_back)) found.push("everything else, back");
    const name = (pair: { source: string; target: string }) => `${pair.source}=${pair.target}`;
    const was = new Map(pairsOf(from).map((pair) => [name(pair), pair]));
    const now = new Map(pairsOf(to).map((pair) => [name(pair), pair]));
    for (const key of was.keys()) if (!now.has(key)) found.push("pair removed");
    for (const [key, pair] of now) if (!same(was.get(key), pair)) found.push(was.has(key) ? "pair changed" : "pair added");
    if (found.length === 0) found.push("order of pairs");
  } else if (!same(from.rule, to.rule)) {
    found.push("rule");
  }
  return found;
}

export function differenceText(difference: Difference, label: (row: FieldMapping) => string): string {
  const { row, type, what } = difference;
  if (row === null) return type === "" ? what : `${type}: ${what}`;
  return `${label(row) || fieldsOf(row, "target").join(" + ")}: ${what}`;
}
