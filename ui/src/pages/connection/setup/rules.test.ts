import { describe, expect, it } from "vitest";
import type { ConnectionDoc } from "../../../api/generated/ConnectionDoc";
import type { FoundProblem } from "../../../api/generated/FoundProblem";
import type { OfferedSide } from "../../../api/generated/OfferedSide";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { misfit } from "../editing/numbers";
import { limitsOf, typesIn, withAttachments, withComments, withFilter, withLimits, withMatching, withPeople } from "./rules";
import { lacking } from "../editing/lacking";
import { graver, marksOf } from "./marks";
import { type Section, sectionOf } from "./sections";

const type: TypeMapping = { name: "Incident", source: { container: "", ticket_type: "incident" }, target: { container: "CSD", ticket_type: "1" }, field: [] };
const doc: ConnectionDoc = { name: "Desk", source: "A", target: "B" };

describe("setup", () => {
  it.each<[string, object, object]>([
    ["a default of comments is not written", withComments(type, { edited: "update" }), type],
    ["comments back to the default are left out", withComments(withComments(type, { edited: "ignore" }), { edited: "update" }), type],
    ["a row of comments", withComments(type, { source: { public: "public", internal: "no" } }), { ...type, comments: { source: { public: "public", internal: "no" }, target: { public: "internal", internal: "no" }, author_line: "{author}, {platform}, {time}", edited: "update" } }],
    ["types of files", withAttachments(type, { types: ["image/"] }), { ...type, attachments: { copy: { source: false, target: false }, bytes_max: 26_214_400, types: ["image/"] } }],
    ["no types are left out", withAttachments(withAttachments(type, { types: ["image/"] }), { types: [] }), type],
    ["a filter of one side", withFilter(type, "target", { all: [{ field: "labels", operator: "empty" }] }), { ...type, filter: { source: {}, target: { all: [{ field: "labels", operator: "empty" }] } } }],
    ["an emptied filter", withFilter(withFilter(type, "target", { all: [] }), "target", {}), type],
    ["a rule to match", withMatching(type, "match_only"), { ...type, match: { mode: "match_only", source: "key", target: "key" } }],
    ["a rule keeps its fields", withMatching({ ...type, match: { mode: "match_only", source: "number", target: "ext" } }, "match_then_create"), { ...type, match: { mode: "match_then_create", source: "number", target: "ext" } }],
    ["no rule", withMatching(withMatching(type, "match_only"), "create_only"), type],
    ["nobody", withPeople(withPeople(doc, [{ source: "a", target: "b" }]), []), doc],
  ])("%s", (_, one, other) => {
    expect(one).toEqual(other);
  });

  it("sends limits as numbers", () => {
    const next = withLimits(doc, { creates_max: 50 });
    expect(JSON.parse(JSON.stringify(next))).toMatchObject({ limits: { creates_max: 50, closes_max: 200 } });
    expect(limitsOf(next)).toEqual({ creates_max: 50, closes_max: 200 });
  });
  it.each([["30", null], ["29", "From 30 to 86,400."], ["", "A whole number is needed."], ["1.5", "A whole number is needed."]])("judges %j", (typed, wrong) => {
    expect(misfit(typed, 30, 86_400)).toBe(wrong);
  });
  it("reads types of files", () => expect(typesIn(" image/, ,application/pdf")).toEqual(["image/", "application/pdf"]));

  it.each<[FoundProblem["place"], FoundProblem["code"], string | null]>([
    [{ type_mapping: "Incident", part: "filter", side: "source" }, "value_gone", "filters"],
    [{ type_mapping: "Incident", part: "matching" }, "types_do_not_fit", "matching"],
    [{ type_mapping: "Incident", part: "comments", side: "target" }, "internal_becomes_public", "comments"],
    [{ type_mapping: "Incident", part: "attachments" }, "customers_read", "attachments"],
    [{ type_mapping: "Incident", part: "whole" }, "ring_of_connections", "scope"],
    [{ type_mapping: "Incident", part: "whole" }, "no_template", null],
  ])("%j stands in %s", (place, code, section) => {
    expect(sectionOf({ place, code, level: "error", place_label: "", message: "", fix: "", remedies: [] })).toBe(section);
  });
});

describe("what a document lacks", () => {
  const people = (...person: [string, string][]): ConnectionDoc => ({ ...doc, person: person.map(([source, target]) => ({ source, target })) });
  it.each<[string, ConnectionDoc, RegExp | null]>([
    ["nothing", people(["a", "b"], ["c", "d"]), null],
    ["an id", people(["a", ""]), /lacks an id/],
    ["an id that is only blanks", people([" ", "b"]), /lacks an id/],
    ["one person", people(["a", "b"], ["a", "c"]), /person a is paired twice/],
    ["one person of the target", people(["a", "b"], ["c", "b"]), /person b is paired twice/],
  ])("is %s", (_, document, told) => {
    if (told === null) expect(lacking(document)).toBeNull();
    else expect(lacking(document)).toMatch(told);
  });

  const read = { schema: { ticket_type: "1" }, taken_ms: 0, trouble: null } as unknown as OfferedSide;
  const marks = (mapping: TypeMapping, target: OfferedSide, wrong: Section[] = []) => marksOf({ document: doc }, mapping, { data: { source: read, target }, error: null }, new Set(wrong));
  it("is marked at its section", () => {
    expect(marks(type, read)).toEqual({ sides: null, scope: null, direction: null, attachments: null, people: null, limits: null });
    expect(marks(type, { ...read, schema: null })).toMatchObject({ scope: "error" });
    expect(marks(type, { ...read, trouble: { code: "unreachable", message: "no", hint: null } })).toMatchObject({ sides: "warning", scope: "warning" });
    expect(marks({ ...type, target: { container: "", ticket_type: "" } }, read)).toMatchObject({ scope: "error" });
    expect(marks({ ...type, target_tickets: true }, read)).toMatchObject({ direction: "warning" });
    expect(marks(type, read, ["limits"])).toMatchObject({ limits: "error", attachments: null });
    expect([graver(null, "warning"), graver("warning", "error"), graver(null, null)]).toEqual(["warning", "error", null]);
  });
});
