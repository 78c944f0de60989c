// Which lines a value map draws, in which state, and which values fold away.
import type { Direction } from "../../../api/generated/Direction";
import type { FieldOption } from "../../../api/generated/FieldOption";
import type { Side } from "../../../api/generated/Side";
import type { ValuePair } from "../../../api/generated/ValuePair";
import { directionOf } from "../editing/rows";
import { undecidedMates } from "./edits";
import { folded, type Straight } from "./geometry";

export type LineState = "plain" | "undecided" | "blocked" | "suggested";

export interface Line {
  /** Its pair; a suggestion has none. */
  pair: number | null;
  source: string;
  target: string;
  direction: Direction;
  state: LineState;
  from: number;
  to: number;
  straight: Straight;
}

export interface Suggested {
  source: string;
  target: string;
  direction: Direction;
}

export interface Column {
  /** Values that have a row, in the platform's order. */
  shown: FieldOption[];
  hidden: number;
  /** The first value that is folded away. */
  folded: string | null;
  /** The row of a value; folded ones share the last. */
  rowOf: (value: string) => number | undefined;
}

/** A column of values; one that is paired and not offered any more stays visible at the end. */
export function columnOf(side: Side, offered: FieldOption[], pairs: ValuePair[], suggested: Suggested[], tickets: (value: string) => number | null, unfolded: boolean): Column {
  const known = new Set(offered.map((option) => option.id));
  const gone = [...new Set(pairs.map((pair) => pair[side]))].filter((value) => !known.has(value));
  const all = [...offered, ...gone.map((id) => ({ id, label: id }))];
  const used = new Set([...pairs, ...suggested].map((pair) => pair[side]));
  const { shown, hidden } = folded(all, (option) => used.has(option.id) || (tickets(option.id) ?? 0) > 0, unfolded);
  const rows = new Map(shown.map((option, at) => [option.id, at]));
  const last = shown.length;
  return { shown, hidden, folded: all.find((option) => !rows.has(option.id))?.id ?? null, rowOf: (value) => rows.get(value) ?? (hidden > 0 && known.has(value) ? last : undefined) };
}

interface Parts {
  pairs: ValuePair[];
  direction: Direction;
  /** Members of sets may share partners freely. */
  sets: boolean;
  blocked: ReadonlySet<number>;
  suggested: Suggested[];
  source: Column;
  target: Column;
}

export function linesOf({ pairs, direction, sets, blocked, suggested, source, target }: Parts): Line[] {
  const ends = [...pairs, ...suggested];
  const shares = (side: Side, value: string) => ends.filter((each) => each[side] === value).length > 1;
  const place = (each: { source: string; target: string }) => {
    const [from, to] = [source.rowOf(each.source), target.rowOf(each.target)];
    if (from === undefined || to === undefined) return [];
    const straight: Straight = !shares("target", each.target) ? "target" : shares("source", each.source) ? "middle" : "source";
    return [{ source: each.source, target: each.target, from, to, straight }];
  };
  const drawn = pairs.flatMap((pair, at) => {
    const undecided = !sets && undecidedMates(pairs, at, direction).length > 0;
    const state: LineState = undecided ? "undecided" : blocked.has(at) ? "blocked" : "plain";
    return place(pair).map((line) => ({ ...line, pair: at, direction: directionOf(pair), state }));
  });
  const dotted = suggested.flatMap((pair) => place(pair).map((line) => ({ ...line, pair: null, direction: pair.direction, state: "suggested" as const })));
  return [...drawn, ...dotted];
}
