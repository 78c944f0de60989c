import { describe, expect, it } from "vitest";
import { bytes, clock, count, fullMoment, moment, momentInText, ofWhole, plural, span } from "./format";

const place = { locale: "en-GB", zone: "Europe/Paris" };
const now = Date.parse("2026-05-12T14:10:00+02:00");
const at = (text: string) => Date.parse(text);
const plain = (text: string) => text.replaceAll("\u00a0", " ");

describe("moments", () => {
  it.each([
    ["2026-05-12T14:03:21+02:00", "14:03"],
    ["2026-05-12T00:00:00+02:00", "00:00"],
    ["2026-05-11T23:59:00+02:00", "Mon 23:59"],
    ["2026-05-07T09:12:00+02:00", "Thu 09:12"],
    ["2026-05-03T09:12:00+02:00", "3 May 2026, 09:12"],
    ["2025-05-12T14:03:00+02:00", "12 May 2025, 14:03"],
    ["2026-05-13T00:05:00+02:00", "Wed 00:05"],
  ])("%s is written %s", (text, written) => {
    expect(plain(moment(at(text), now, place))).toBe(written);
  });

  it("says today inside a sentence", () => {
    expect(plain(momentInText(at("2026-05-12T09:14:00+02:00"), now, place))).toBe("today 09:14");
    expect(plain(momentInText(at("2026-05-11T09:14:00+02:00"), now, place))).toBe("Mon 09:14");
  });

  it("tells zone and stamp in full", () => {
    expect(fullMoment(at("2026-05-12T14:03:21+02:00"), place)).toBe("Tue 12 May 2026 14:03:21 UTC+2 · 2026-05-12 12:03:21");
  });

  it("follows the clock of the locale", () => {
    expect(plain(clock(now, { locale: "en-US", zone: "Europe/Paris" })).replaceAll("\u202f", " ")).toBe("2:10 PM");
  });
});

describe("spans", () => {
  it.each([
    [0, "0 s"],
    [-5, "0 s"],
    [41_000, "41 s"],
    [59_600, "1 min"],
    [110_000, "1 min 50 s"],
    [158_000, "2 min 38 s"],
    [3_600_000, "1 h"],
    [8_520_000, "2 h 22 min"],
    [90_000_000, "1 d 1 h"],
  ])("%d ms is %s", (ms, written) => {
    expect(plain(span(ms))).toBe(written);
  });
});

describe("counts", () => {
  it.each([
    [0, "0"],
    [1204, "1,204"],
    [100_000, "100,000"],
    [118_400, "118 K"],
    [999_400, "999 K"],
    [1_240_000, "1.2 M"],
  ])("%d is %s", (value, written) => {
    expect(plain(count(value, place))).toBe(written);
  });

  it("says parts of a whole in words, above a thousand in percent", () => {
    expect(ofWhole(62, 118, place)).toBe("62 of 118");
    expect(plain(ofWhole(620, 4000, place))).toBe("15 %");
  });

  it.each([[0, "0 KB"], [10, "1 KB"], [219_136, "214 KB"], [1_468_006, "1.4 MB"], [77_594_624, "74 MB"], [3_000_000_000, "2.8 GB"]])("%d bytes are %s", (value, written) => {
    expect(plain(bytes(value, place))).toBe(written);
  });

  it("counts one thing and several", () => {
    expect([plural(1, "ticket"), plural(3, "ticket"), plural(2, "reply", "replies")]).toEqual(["1 ticket", "3 tickets", "2 replies"]);
  });
});
