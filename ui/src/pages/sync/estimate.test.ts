import { describe, expect, it } from "vitest";
import { leftMs } from "./estimate";

describe("how long the writing still takes", () => {
  it.each([
    ["nothing is known", null, 50, 100, 60_000, null], ["too few tickets", { done: 45, atMs: 0 }, 50, 100, 60_000, null],
    ["too short a time", { done: 0, atMs: 55_000 }, 50, 100, 60_000, null], ["all is written", { done: 0, atMs: 0 }, 100, 100, 60_000, null],
    ["a pace is known", { done: 20, atMs: 0 }, 50, 100, 60_000, 100_000],
  ])("%s", (_, since, done, planned, now, left) => {
    expect(leftMs(since, done, planned, now)).toBe(left);
  });
});
