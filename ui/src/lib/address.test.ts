import { describe, expect, it } from "vitest";
import { originOf } from "./address";

describe("originOf", () => {
  it.each([
    ["https://corvane.example", "https://corvane.example", null],
    ["corvane.example", "https://corvane.example", null],
    ["https://corvane.example/now/nav?x=1", "https://corvane.example", "/now/nav?x=1"],
    ["https://Corvane.example:8443/", "https://corvane.example:8443", null],
    ["http://127.0.0.1:9000", "http://127.0.0.1:9000", null],
  ])("%s", (typed, origin, cut) => expect(originOf(typed)).toEqual({ origin, cut, problem: null }));

  it.each([["", /required/], ["http://corvane.example", /https/], ["https://me:pw@corvane.example", /user and password/], ["ftp://corvane.example", /https/], ["https://", /no address/]])(
    "refuses %j", (typed, problem) => expect(originOf(typed).problem).toMatch(problem),
  );
});
