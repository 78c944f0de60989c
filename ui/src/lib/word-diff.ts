// Which words of a value are not in another: for underlining what was changed since both sides agreed.
export interface Piece {
  text: string;
  changed: boolean;
}

/** Beyond this many comparisons a value counts as changed as a whole. */
const COMPARISONS_MAX = 250_000;

export function wordDiff(before: string, after: string): Piece[] {
  if (before === after) return after === "" ? [] : [{ text: after, changed: false }];
  const [old, now] = [words(before), words(after)];
  if (old.length * now.length > COMPARISONS_MAX) return [{ text: after, changed: true }];
  return joined(marked(old, now));
}

/** Words and the spaces between them, each a piece of its own. */
function words(text: string): string[] {
  return text.match(/\s+|[^\s]+/g) ?? [];
}

function marked(old: string[], now: string[]): Piece[] {
  const common = commonLengths(old, now);
  const pieces: Piece[] = [];
  let [i, j] = [0, 0];
  while (j < now.length) {
    const text = now[j] ?? "";
    if (i < old.length && old[i] === text) {
      pieces.push({ text, changed: false });
      i += 1;
      j += 1;
    } else if (i < old.length && at(common, i + 1, j) >= at(common, i, j + 1)) {
      i += 1;
    } else {
      pieces.push({ text, changed: true });
      j += 1;
    }
  }
  return pieces;
}

/** The longest common run of words from each pair of places on. */
function commonLengths(old: string[], now: string[]): number[][] {
  const table = Array.from({ length: old.length + 1 }, () => new Array<number>(now.length + 1).fill(0));
  for (let i = old.length - 1; i >= 0; i -= 1) {
    const row = table[i];
    for (let j = now.length - 1; j >= 0 && row !== undefined; j -= 1) {
      row[j] = old[i] === now[j] ? at(table, i + 1, j + 1) + 1 : Math.max(at(table, i + 1, j), at(table, i, j + 1));
    }
  }
  return table;
}

function at(table: number[][], i: number, j: number): number {
  return table[i]?.[j] ?? 0;
}

/** Neighbours of one kind become one piece; a space between two changed words belongs to the change, one at its edge does not. */
function joined(pieces: Piece[]): Piece[] {
  const even = pieces.map((piece, place) => {
    if (piece.text.trim() !== "") return piece;
    const both = pieces[place - 1]?.changed === true && pieces[place + 1]?.changed === true;
    return { ...piece, changed: both };
  });
  const whole: Piece[] = [];
  for (const piece of even) {
    const last = whole.at(-1);
    if (last?.changed === piece.changed) last.text += piece.text;
    else whole.push({ ...piece });
  }
  return whole;
}
