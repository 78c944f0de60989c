import { describe, expect, it } from "vitest";
import { changes } from "./changes";
import { begun, edited, type History, redone, settled, STEPS_MAX, undone } from "./history";

const typed = (burst: string | null, ...values: string[]) => values.reduce<History<string>>((history, value) => edited(history, value, burst), begun("a"));

describe("history", () => {
  it.each<[string, History<string>, string, number, number]>([
    ["an edit is a step", edited(begun("a"), "b"), "b", 1, 0],
    ["an edit that changes nothing is none", edited(begun("a"), "a"), "a", 0, 0],
    ["a burst is one step", typed("label", "ab", "abc", "abcd"), "abcd", 1, 0],
    ["a settled burst is over", edited(settled(typed("label", "ab")), "abc", "label"), "abc", 2, 0],
    ["another burst is another step", edited(typed("label", "ab"), "abc", "field"), "abc", 2, 0],
    ["undo goes back", undone(typed(null, "b", "c")), "b", 1, 1],
    ["undo of a burst takes it all", undone(typed("label", "ab", "abc")), "a", 0, 1],
    ["undo of nothing is nothing", undone(begun("a")), "a", 0, 0],
    ["redo goes forth", redone(undone(typed(null, "b", "c"))), "c", 2, 0],
    ["an edit after undo ends redo", edited(undone(typed(null, "b", "c")), "d"), "d", 2, 0],
    ["the past is bounded", Array.from({ length: STEPS_MAX + 9 }, (_, at) => String(at)).reduce((history, value) => edited(history, value), begun("a")), String(STEPS_MAX + 8), STEPS_MAX, 0],
  ])("%s", (_, history, now, past, future) => {
    expect([history.now, history.past.length, history.future.length]).toEqual([now, past, future]);
  });
});

describe("changes", () => {
  const line = (label: string) => ({ label });
  it.each<[string, unknown, unknown, number]>([
    ["nothing", { name: "a" }, { name: "a" }, 0],
    ["a key that is left out and one that is undefined are the same", { a: 1 }, { a: 1, b: undefined }, 0],
    ["a key", { name: "a", interval: 3 }, { name: "a", interval: 4 }, 1],
    ["a line moved", [line("a"), line("b"), line("c")], [line("b"), line("c"), line("a")], 1],
    ["a line added", [line("a")], [line("a"), line("b")], 1],
    ["a line renamed", [line("a"), line("b")], [line("a"), line("x")], 1],
    ["inside a named member", [{ name: "t", set: { a: 1, b: 1 } }], [{ name: "t", set: { a: 2, b: 2 } }], 2],
    ["named members in another order", [{ name: "t" }, { name: "u" }], [{ name: "u" }, { name: "t" }], 1],
    ["a named member renamed", [{ name: "t", x: 1 }], [{ name: "u", x: 1 }], 1],
  ])("counts %s", (_, before, after, expected) => {
    expect(changes(before, after)).toBe(expected);
  });
});
