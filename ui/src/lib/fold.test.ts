import { describe, expect, it } from "vitest";
import { run } from "../api/memory-data";
import { folded } from "./fold";

const quiet = (id: number, kind = "automatic") => run({ id, connection: "A", result: "nothing_to_do", kind });
const busy = (id: number) => run({ id, connection: "A" });
const shape = (items: ReturnType<typeof folded>) => items.map((item) => (item.kind === "run" ? item.run.id : item.runs.map((each) => each.id)));

describe("folding of checks that found nothing", () => {
  it("folds three neighbours and more, never a run of a person", () => {
    expect(shape(folded([busy(9), quiet(8), quiet(7), quiet(6), busy(5), quiet(4), quiet(3), quiet(2, "manual"), quiet(1)], true))).toEqual([9, [8, 7, 6], 5, 4, 3, 2, 1]);
  });

  it("folds at the end, and not when asked for exactly these", () => {
    const runs = [quiet(3), quiet(2), quiet(1)];
    expect(shape(folded(runs, true))).toEqual([[3, 2, 1]]);
    expect(shape(folded(runs, false))).toEqual([3, 2, 1]);
  });
});
