import { describe, expect, it } from "vitest";
import { BEND, BOX_WIDTH, centre, chipAt, folded, headPath, linePath, rowAt, ROW_HEIGHT, type Straight } from "./geometry";

/** The points a path goes through, from its absolute commands. */
function ends(path: string) {
  const numbers = path.match(/-?\d+(\.\d+)?/g)?.map(Number) ?? [];
  const [x = NaN, y = NaN] = numbers;
  if (/H-?\d+$/.test(path)) return { start: [x, y], end: [numbers.at(-1), numbers.at(-2)] };
  return { start: [x, y], end: [numbers.at(-2), numbers.at(-1)] };
}

describe("lines", () => {
  const cases = [0, 1, 5, 299].flatMap((from) => [0, 3, 41].flatMap((to) => (["target", "source", "middle"] as Straight[]).map((straight) => ({ from, to, straight }))));
  it.each(cases)("end on the middle of their rows: $from to $to, straight at $straight", ({ from, to, straight }) => {
    const { start, end } = ends(linePath(from, to, straight));
    expect(start).toEqual([5, from * 28 + 14]);
    expect(end).toEqual([BOX_WIDTH - 5, to * 28 + 14]);
    expect(headPath(to, "target")).toContain(` ${to * 28 + 14}l`);
    expect(headPath(from, "source")).toContain(` ${from * 28 + 14}l`);
  });

  it("are straight from x = 92 on, and carry the chip there", () => {
    expect(linePath(2, 4, "target")).toContain(`${BEND} ${centre(4)}H`);
    const chip = chipAt(2, 4, "target");
    expect(chip.y).toBe(centre(4));
    expect(chip.x - 14).toBeGreaterThan(BEND);
    expect(chip.x + 14).toBeLessThan(BOX_WIDTH);
  });

  it("are straight at the source where the target is shared", () => {
    expect(chipAt(2, 4, "source")).toEqual({ x: 32, y: centre(2) });
    expect(linePath(2, 4, "source")).toContain(`H${BOX_WIDTH - BEND}C`);
    expect(chipAt(2, 4, "middle")).toEqual({ x: 76, y: (centre(2) + centre(4)) / 2 });
  });
});

describe("rows", () => {
  it.each([[0, 0], [27.9, 0], [28, 1], [83, 2], [-1, null], [84, null]])("height %d is row %j of three", (y, row) => {
    expect(rowAt(y, 3)).toBe(row);
  });
  it("are 28 high", () => {
    expect(ROW_HEIGHT).toBe(28);
    expect(centre(3)).toBe(98);
  });
});

describe("folding", () => {
  const values = Array.from({ length: 20 }, (_, at) => at);
  it.each([
    ["all of twelve", values.slice(0, 12), (value: number) => value < 2, false, 12, 0],
    ["those that are needed of more", values, (value: number) => value < 5, false, 5, 15],
    ["all once unfolded", values, (value: number) => value < 5, true, 20, 0],
    ["all where one only would fold", values, (value: number) => value > 0, false, 20, 0],
  ])("shows %s", (_, from, needed, unfolded, shown, hidden) => {
    const now = folded(from, needed, unfolded);
    expect([now.shown.length, now.hidden]).toEqual([shown, hidden]);
  });
});
