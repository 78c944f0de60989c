// In which places two documents differ, in words: what a version would bring back, and what copying would change.
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
  const other = (Object.keys(OF_CONNECTION) as (keyof typeof OF_CONNECTION)[]).filter((key) => !same(from[key], to[key])).map((key) => ({ type: "", row: null, what: OF_CONNECTION[key] }));
  return [...gone, ...rest, ...other];
}

/** What a connection says beside its ticket types. Its name and accounts are never copied or restored. */
const OF_CONNECTION = { interval_seconds: "Time between automatic runs", limits: "Limits", person: "People" } satisfies Partial<Record<keyof ConnectionDoc, string>>;

/** What a ticket type says beside its rows. */
const OF_TYPE = {
  source: "scope of the source", target: "scope of the target", filter: "filters", target_tickets: "direction", include_private: "private tickets", template: "templates",
  source_template: "templates of the way back", no_match: "what happens without a template", match: "matching", comments: "comments", attachments: "attachments",
} satisfies Partial<Record<keyof TypeMapping, string>>;

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
  for (const key of Object.keys(OF_TYPE) as (keyof typeof OF_TYPE)[]) if (!same(from[key], to[key])) tell(null, OF_TYPE[key]);
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
    found.push(to.rule.kind === "description" ? "lines" : "rule");
  }
  return found;
}

export function differenceText(difference: Difference, label: (row: FieldMapping) => string): string {
  const { row, type, what } = difference;
  if (row === null) return type === "" ? what : `${type}: ${what}`;
  return `${label(row) || fieldsOf(row, "target").join(" + ")}: ${what}`;
}
