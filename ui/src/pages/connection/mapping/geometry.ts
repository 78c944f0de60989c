// Where lines, ports and chips of a value map stand (ux.md §10.6): whole numbers, so that a line meets the middle of its rows.

export const ROW_HEIGHT = 28;
export const BOX_WIDTH = 152;
/** From here a line is straight to the port that no other line shares. */
export const BEND = 92;
export const PORT_RADIUS = 4;
export const PORT_HIT = 24;
export const CHIP = { width: 28, height: 18 };
const CHIP_INSET = 32;
/** A line ends where its port begins. */
const EDGE = PORT_RADIUS + 1;
const PULL = 42;

/** At which end a line is straight: where it carries its chip. Shared at both ends, the chip stands in the middle. */
export type Straight = "target" | "source" | "middle";

export function centre(row: number): number {
  return row * ROW_HEIGHT + ROW_HEIGHT / 2;
}

/** The row under a height, or nothing outside. */
export function rowAt(y: number, rows: number): number | null {
  const row = Math.floor(y / ROW_HEIGHT);
  return row >= 0 && row < rows ? row : null;
}

export function linePath(from: number, to: number, straight: Straight): string {
  const [start, end] = [centre(from), centre(to)];
  const last = BOX_WIDTH - EDGE;
  if (straight === "target") return `M${EDGE} ${start}C${EDGE + PULL} ${start} ${BEND - PULL} ${end} ${BEND} ${end}H${last}`;
  const bend = BOX_WIDTH - BEND;
  if (straight === "source") return `M${EDGE} ${start}H${bend}C${bend + PULL} ${start} ${last - PULL} ${end} ${last} ${end}`;
  const half = BOX_WIDTH / 2;
  return `M${EDGE} ${start}C${half} ${start} ${half} ${end} ${last} ${end}`;
}

/** The middle of a line's chip. */
export function chipAt(from: number, to: number, straight: Straight): { x: number; y: number } {
  if (straight === "target") return { x: BOX_WIDTH - CHIP_INSET, y: centre(to) };
  if (straight === "source") return { x: CHIP_INSET, y: centre(from) };
  return { x: BOX_WIDTH / 2, y: (centre(from) + centre(to)) / 2 };
}

/** An arrowhead that touches the port of a row. */
export function headPath(row: number, end: "source" | "target"): string {
  const y = centre(row);
  return end === "target" ? `M${BOX_WIDTH - EDGE + 1} ${y}l-7 -3.5v7z` : `M${EDGE - 1} ${y}l7 -3.5v7z`;
}

/** A line that follows the pointer. */
export function reachPath(side: "source" | "target", row: number, x: number, y: number): string {
  const start = side === "source" ? EDGE : BOX_WIDTH - EDGE;
  const half = (start + x) / 2;
  return `M${start} ${centre(row)}C${half} ${centre(row)} ${half} ${y} ${x} ${y}`;
}

/** Beyond this many values a side, those that nobody needs to see fold into one row. */
export const FOLD_ABOVE = 12;

export interface Folded<T> {
  shown: T[];
  hidden: number;
}

export function folded<T>(values: T[], needed: (value: T) => boolean, unfolded: boolean): Folded<T> {
  if (unfolded || values.length <= FOLD_ABOVE) return { shown: values, hidden: 0 };
  const shown = values.filter(needed);
  const hidden = values.length - shown.length;
  // One row for one value would save nothing.
  return hidden <= 1 ? { shown: values, hidden: 0 } : { shown, hidden };
}
