// What can be done to one type mapping: every edit is a plain value, and answers with a new mapping or the same one.
import type { Change } from "../../../api/generated/Change";
import type { Direction } from "../../../api/generated/Direction";
import type { FieldMapping } from "../../../api/generated/FieldMapping";
import type { MatrixCell } from "../../../api/generated/MatrixCell";
import type { Need } from "../../../api/generated/Need";
import type { OnConflict } from "../../../api/generated/OnConflict";
import type { Otherwise } from "../../../api/generated/Otherwise";
import type { Rule } from "../../../api/generated/Rule";
import type { Side } from "../../../api/generated/Side";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import type { ValuePair } from "../../../api/generated/ValuePair";
import type { Write } from "../../../api/generated/Write";
import { same } from "../editing/changes";
import { withKey } from "../editing/parts";
import { directionOf, withFields, writes } from "../editing/rows";

export type Edit =
  | { do: "add_rows"; rows: FieldMapping[]; at?: number }
  | { do: "remove_row"; row: number }
  | { do: "move_row"; row: number; to: number }
  | { do: "set_fields"; row: number; side: Side; fields: string[] }
  | { do: "set_direction"; row: number; direction: Direction }
  | { do: "set_rule"; row: number; rule: Rule }
  | { do: "set_write"; row: number; write: Write }
  | { do: "set_on_conflict"; row: number; onConflict: OnConflict }
  | { do: "set_enforce"; row: number; on: boolean }
  | { do: "add_pair"; row: number; source: string; target: string; direction: Direction }
  | { do: "remove_pair"; row: number; pair: number }
  /** Gives a pair another value on one side; what the old value's status change needed goes with it. */
  | { do: "set_end"; row: number; pair: number; side: Side; value: string }
  | { do: "turn_pair"; row: number; pair: number; direction: Direction }
  | { do: "use_on_way_back"; row: number; pair: number; on: boolean }
  | { do: "set_need"; row: number; pair: number; side: Side; field: string; need: Need | null }
  | { do: "set_otherwise"; row: number; to: Side; otherwise: Otherwise }
  | { do: "set_matrix"; row: number; fields: string[] }
  | { do: "set_cell"; row: number; when: string[]; then: string | null }
  | { do: "apply"; changes: Change[] };

export function edited(mapping: TypeMapping, edit: Edit): TypeMapping {
  switch (edit.do) {
    case "add_rows": {
      if (edit.rows.length === 0) return mapping;
      const at = edit.at ?? mapping.field.length;
      return { ...mapping, field: mapping.field.toSpliced(at, 0, ...edit.rows) };
    }
    case "remove_row":
      return edit.row in mapping.field ? { ...mapping, field: mapping.field.toSpliced(edit.row, 1) } : mapping;
    case "move_row": {
      const row = mapping.field[edit.row];
      if (row === undefined || edit.to === edit.row || !(edit.to in mapping.field)) return mapping;
      return { ...mapping, field: mapping.field.toSpliced(edit.row, 1).toSpliced(edit.to, 0, row) };
    }
    case "apply":
      return edit.changes.reduce((before, change) => edited(before, asEdit(change)), mapping);
    default:
      return withRow(mapping, edit.row, (row) => editedRow(row, edit));
  }
}

type RowEdit = Exclude<Edit, { do: "add_rows" | "remove_row" | "move_row" | "apply" }>;

function withRow(mapping: TypeMapping, at: number, change: (row: FieldMapping) => FieldMapping): TypeMapping {
  const row = mapping.field[at];
  if (row === undefined) return mapping;
  const next = change(row);
  return next === row || same(next, row) ? mapping : { ...mapping, field: mapping.field.with(at, next) };
}

function editedRow(row: FieldMapping, edit: RowEdit): FieldMapping {
  switch (edit.do) {
    case "set_fields":
      return withFields(row, edit.side, edit.fields);
    case "set_direction":
      return { ...row, direction: edit.direction };
    case "set_rule":
      // What is built from several fields leads to the target only.
      return edit.rule.kind === "description" ? { ...row, direction: "->", rule: edit.rule } : { ...row, rule: edit.rule };
    case "set_enforce":
      return withKey(row, "enforce", edit.on ? true : undefined);
    case "set_write":
      return withKey(row, "write", edit.write === "always" ? undefined : edit.write);
    case "set_on_conflict":
      return withKey(row, "on_conflict", edit.onConflict === "ask" ? undefined : edit.onConflict);
    case "set_otherwise":
      return withOtherwise(row, edit.to, edit.otherwise);
    case "set_matrix":
      // Cells are spelled in the order of the fields, so that other fields begin without any; a matrix leads to the target only.
      return withFields({ ...row, direction: "->", rule: { kind: "matrix", cell: [], otherwise: "ask" } }, "source", edit.fields);
    case "set_cell":
      return row.rule.kind === "matrix" ? { ...row, rule: { ...row.rule, cell: withCell(row.rule.cell, edit.when, edit.then) } } : row;
    default:
      return row.rule.kind === "values" ? { ...row, rule: { ...row.rule, pair: editedPairs(row.rule.pair, edit) } } : row;
  }
}

function withOtherwise(row: FieldMapping, to: Side, otherwise: Otherwise): FieldMapping {
  const { rule } = row;
  if (rule.kind === "values") {
    return { ...row, rule: to === "target" ? { ...rule, otherwise } : { ...rule, otherwise_back: otherwise } };
  }
  return rule.kind === "matrix" && to === "target" ? { ...row, rule: { ...rule, otherwise } } : row;
}

function withCell(cells: MatrixCell[], when: string[], then: string | null): MatrixCell[] {
  const at = cells.findIndex((cell) => same(cell.when, when));
  if (then === null) return at < 0 ? cells : cells.toSpliced(at, 1);
  const cell = { when, then };
  return at < 0 ? [...cells, cell] : cells.with(at, cell);
}

type PairEdit = Extract<RowEdit, { do: "add_pair" | "remove_pair" | "set_end" | "turn_pair" | "use_on_way_back" | "set_need" }>;

function editedPairs(pairs: ValuePair[], edit: PairEdit): ValuePair[] {
  if (edit.do === "add_pair") {
    const known = pairs.some((pair) => pair.source === edit.source && pair.target === edit.target);
    return known ? pairs : [...pairs, withDirection({ source: edit.source, target: edit.target }, edit.direction)];
  }
  const pair = pairs[edit.pair];
  if (pair === undefined) return pairs;
  switch (edit.do) {
    case "remove_pair":
      return pairs.toSpliced(edit.pair, 1);
    case "set_end":
      return withEnd(pairs, edit.pair, pair, edit.side, edit.value);
    case "turn_pair":
      return pairs.with(edit.pair, withDirection(pair, edit.direction));
    case "use_on_way_back":
      return edit.on ? decided(pairs, edit.pair, pair) : pairs.with(edit.pair, withDirection(pair, oneWay(pairs, edit.pair, pair)));
    case "set_need":
      return pairs.with(edit.pair, withNeed(pair, edit.side, edit.field, edit.need));
  }
}

function withDirection(pair: ValuePair, direction: Direction): ValuePair {
  return withKey(pair, "direction", direction === "<->" ? undefined : direction);
}

function withEnd(pairs: ValuePair[], at: number, pair: ValuePair, side: Side, value: string): ValuePair[] {
  const next = withKey({ ...pair, [side]: value }, side === "source" ? "source_needs" : "target_needs", undefined);
  const known = pairs.some((mate, place) => place !== at && mate.source === next.source && mate.target === next.target);
  return known || pair[side] === value ? pairs : pairs.with(at, next);
}

/** This pair stands for its group on the way back; the others lead to the shared value only. */
function decided(pairs: ValuePair[], at: number, pair: ValuePair): ValuePair[] {
  return pairs.map((mate, place) => {
    if (place === at) return withDirection(pair, "<->");
    if (directionOf(mate) !== "<->") return mate;
    if (mate.target === pair.target) return withDirection(mate, "->");
    if (mate.source === pair.source) return withDirection(mate, "<-");
    return mate;
  });
}

/** The way that is left to a pair that does not stand for its group: towards the value it shares. */
function oneWay(pairs: ValuePair[], at: number, pair: ValuePair): Direction {
  return pairs.some((mate, place) => place !== at && mate.target === pair.target) ? "->" : "<-";
}

function withNeed(pair: ValuePair, side: Side, field: string, need: Need | null): ValuePair {
  const key = side === "source" ? "source_needs" : "target_needs";
  const needs = pair[key] ?? [];
  const at = needs.findIndex((each) => each.field === field);
  const next = need === null ? needs.filter((each) => each.field !== field) : at < 0 ? [...needs, need] : needs.with(at, need);
  return withKey(pair, key, next.length === 0 ? undefined : next);
}

/** Pairs that share a value with this one both ways, itself among them; fewer than two: the way back is decided. */
export function undecidedMates(pairs: ValuePair[], at: number, row: Direction): number[] {
  const pair = pairs[at];
  if (pair === undefined || row !== "<->" || directionOf(pair) !== "<->") return [];
  const mates = pairs.flatMap((mate, place) => {
    const shared = mate.source === pair.source || mate.target === pair.target;
    return shared && directionOf(mate) === "<->" ? [place] : [];
  });
  return mates.length < 2 ? [] : mates;
}

/** Whether a pair shares one of its values with another pair that acts in the same direction. */
export function inGroup(pairs: ValuePair[], at: number): boolean {
  const pair = pairs[at];
  if (pair === undefined) return false;
  return pairs.some((mate, place) => {
    if (place === at) return false;
    if (mate.target === pair.target) return writes(directionOf(mate), "target");
    return mate.source === pair.source && writes(directionOf(mate), "source");
  });
}

function asEdit(change: Change): Edit {
  switch (change.do) {
    case "turn_pair":
      return { do: "turn_pair", row: change.field, pair: change.pair, direction: change.direction };
    case "add_pair":
      return { do: "add_pair", row: change.field, source: change.source, target: change.target, direction: change.direction };
    case "remove_pair":
      return { do: "remove_pair", row: change.field, pair: change.pair };
    case "turn_field":
      return { do: "set_direction", row: change.field, direction: change.direction };
    case "remove_field":
      return { do: "remove_row", row: change.field };
  }
}

/** The direction a new pair begins with: both ways where neither value has a partner that way yet. */
export function newPairDirection(pairs: ValuePair[], source: string, target: string, row: Direction): Direction {
  if (row !== "<->") return row;
  const sent = pairs.some((pair) => pair.source === source && writes(directionOf(pair), "target"));
  const returned = pairs.some((pair) => pair.target === target && writes(directionOf(pair), "source"));
  if (sent === returned) return "<->";
  return sent ? "<-" : "->";
}
