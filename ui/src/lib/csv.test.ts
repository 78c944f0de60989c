import { describe, expect, it } from "vitest";
import { csv } from "./csv";

describe("csv", () => {
  it.each([
    ["plain", "plain"], ["one, two", '"one, two"'], ['say "no"', '"say ""no"""'], ["two\nlines", '"two\nlines"'],
    ["=HYPERLINK(1)", "'=HYPERLINK(1)"], ["+1", "'+1"], ["-1", "'-1"], ["@sum", "'@sum"], ["=a,b", `"'=a,b"`], ["a=b", "a=b"], ["\t=1", "'\t=1"],
  ])("writes %j as %j", (value, text) => {
    expect(csv([[value]])).toBe(text);
  });

  it("puts rows on lines", () => {
    expect(csv([["a", "b"], ["1", "2"]])).toBe("a,b\r\n1,2");
  });
});
