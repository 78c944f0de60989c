import { describe, expect, it } from "vitest";
import { aroundChanges, lineDiff } from "./line-diff";

const written = (before: string, after: string) => lineDiff(before, after).map((line) => `${{ same: " ", out: "-", in: "+" }[line.kind]}${line.text}`);

describe("lineDiff", () => {
  it.each([
    ["a\nb", "a\nb", [" a", " b"]],
    ["a\nb\nc", "a\nx\nc", [" a", "-b", "+x", " c"]],
    ["a", "a\nb", [" a", "+b"]],
    ["a\nb", "b", ["-a", " b"]],
    ["", "a", ["-", "+a"]],
  ])("%j to %j", (before, after, lines) => expect(written(before, after)).toEqual(lines));

  it("leaves out what is far from any change", () => {
    const lines = lineDiff("a\nb\nc\nd\ne\nf", "a\nb\nc\nd\ne\nx");
    expect(aroundChanges(lines, 1).map((line) => line?.text ?? null)).toEqual([null, "e", "f", "x"]);
    expect(aroundChanges(lineDiff("a", "a"), 1)).toEqual([null]);
  });
});
