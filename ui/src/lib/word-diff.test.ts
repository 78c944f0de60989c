import { describe, expect, it } from "vitest";
import { wordDiff } from "./word-diff";

/** Changed words in brackets. */
function shown(before: string, after: string): string {
  return wordDiff(before, after).map(({ text, changed }) => (changed ? `[${text}]` : text)).join("");
}

describe("wordDiff", () => {
  it.each([
    ["Laptop for ward 7", "Laptop and dock for ward 7 reception", "Laptop [and dock] for ward 7 [reception]"],
    ["15 May 2026", "13 May 2026", "[13] May 2026"],
    ["", "High", "[High]"],
    ["High", "", ""],
    ["same words", "same words", "same words"],
    ["Ring the bell.", "Asset tag on the lid. Ring the bell.", "[Asset tag on the lid.] Ring the bell."],
    ["one two three", "three two one", "[three] two [one]"],
    ["a\nb", "a\nc", "a\n[c]"],
  ])("%j to %j", (before, after, expected) => expect(shown(before, after)).toBe(expected));

  it("keeps every letter of the new value", () => {
    const after = "  two  spaces,\n\na line and  an end ";
    expect(wordDiff("two a end", after).map((piece) => piece.text).join("")).toBe(after);
  });

  it("marks very long values as a whole", () => {
    const long = "word ".repeat(2000);
    expect(wordDiff(long, `${long}more`)).toEqual([{ text: `${long}more`, changed: true }]);
  });
});
