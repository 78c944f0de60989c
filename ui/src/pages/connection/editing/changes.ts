// Whether two documents say the same, and how many changes lie between them as a person counts: a moved line is one.

type Plain = Record<string, unknown>;

export function same(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) || Array.isArray(other)) {
    return Array.isArray(one) && Array.isArray(other) && one.length === other.length && one.every((member, at) => same(member, other[at]));
  }
  const [left, right] = [one as Plain, other as Plain];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) => same(left[key], right[key]));
}

/** How many changes lead from one to the other. */
export function changes(before: unknown, after: unknown): number {
  if (same(before, after)) return 0;
  if (Array.isArray(before) && Array.isArray(after)) return ofLists(before, after);
  if (isPlain(before) && isPlain(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.reduce((sum, key) => sum + changes(before[key], after[key]), 0);
  }
  return 1;
}

function isPlain(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Members that have a name are compared with their namesakes, a change of their order counting once; others in their places. */
function ofLists(before: unknown[], after: unknown[]): number {
  const [left, right] = [before.map(nameOf), after.map(nameOf)];
  const named = [...left, ...right].every((name) => name !== null) && new Set(left).size === left.length && new Set(right).size === right.length;
  if (!named) return Math.max(before.length, after.length) - common(before, after);
  const stayed = left.filter((name) => right.includes(name));
  const inside = stayed.reduce((sum: number, name) => sum + changes(before[left.indexOf(name)], after[right.indexOf(name)]), 0);
  const moved = same(stayed, right.filter((name) => left.includes(name))) ? 0 : 1;
  return inside + moved + Math.max(left.length, right.length) - stayed.length;
}

/** Ticket types and templates have names; a row of the mapping is known by its two fields. */
function nameOf(member: unknown): string | null {
  if (!isPlain(member)) return null;
  if (typeof member["name"] === "string") return member["name"];
  return "rule" in member ? JSON.stringify([member["source"], member["target"]]) : null;
}

/** The length of the longest common subsequence. Long lists mostly agree at both ends, which spares comparing each with each. */
function common(one: unknown[], other: unknown[]): number {
  const shorter = Math.min(one.length, other.length);
  let start = 0;
  while (start < shorter && same(one[start], other[start])) start += 1;
  let end = 0;
  while (end < shorter - start && same(one.at(-1 - end), other.at(-1 - end))) end += 1;
  return start + end + commonInside(one.slice(start, one.length - end), other.slice(start, other.length - end));
}

function commonInside(one: unknown[], other: unknown[]): number {
  let above = new Array<number>(other.length + 1).fill(0);
  for (const left of one) {
    const row = [0];
    other.forEach((right, at) => row.push(same(left, right) ? (above[at] ?? 0) + 1 : Math.max(above[at + 1] ?? 0, row[at] ?? 0)));
    above = row;
  }
  return above.at(-1) ?? 0;
}
