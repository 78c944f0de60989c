// What differs between two texts, line by line: for configuration, where a line is one setting.
export interface DiffLine {
  kind: "same" | "out" | "in";
  text: string;
}

/** All lines of both texts in the order of the second; what went stands before what came. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  // lengths[a][b]: the longest common run of lines from a and b on.
  const lengths = Array.from({ length: old.length + 1 }, () => new Array<number>(now.length + 1).fill(0));
  const length = (a: number, b: number) => lengths[a]?.[b] ?? 0;
  for (let a = old.length - 1; a >= 0; a -= 1) {
    const row = lengths[a] ?? [];
    for (let b = now.length - 1; b >= 0; b -= 1) row[b] = old[a] === now[b] ? length(a + 1, b + 1) + 1 : Math.max(length(a + 1, b), length(a, b + 1));
  }
  const lines: DiffLine[] = [];
  let [a, b] = [0, 0];
  while (a < old.length || b < now.length) {
    if (a < old.length && b < now.length && old[a] === now[b]) {
      lines.push({ kind: "same", text: now[b] ?? "" });
      a += 1;
      b += 1;
    } else if (a < old.length && (b >= now.length || length(a + 1, b) >= length(a, b + 1))) {
      lines.push({ kind: "out", text: old[a] ?? "" });
      a += 1;
    } else {
      lines.push({ kind: "in", text: now[b] ?? "" });
      b += 1;
    }
  }
  return lines;
}

/** Only what changed, with so many lines around it; null stands for lines left out. */
export function aroundChanges(lines: DiffLine[], around: number): (DiffLine | null)[] {
  const near = lines.map((_, at) => lines.slice(Math.max(0, at - around), at + around + 1).some((line) => line.kind !== "same"));
  const shown: (DiffLine | null)[] = [];
  lines.forEach((line, at) => {
    if (near[at] === true) shown.push(line);
    else if (shown.length === 0 || shown.at(-1) !== null) shown.push(null);
  });
  return shown;
}
