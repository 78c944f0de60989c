import { expect, it } from "vitest";
import type { FieldMapping } from "../../../api/generated/FieldMapping";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { copied } from "./copying";

const row = (source: string, target: string, direction: FieldMapping["direction"] = "<->"): FieldMapping => ({ source, target, direction, rule: { kind: "copy" } });
const type = (name: string, ...field: FieldMapping[]): TypeMapping => ({ name, source: { container: "", ticket_type: name }, target: { container: "CSD", ticket_type: "1" }, field });
const [here, there] = [type("Incident", row("a", "b"), row("c", "d")), type("Task", row("a", "b", "->"), row("e", "f"))];

it.each([
  ["missing", [row("a", "b"), row("c", "d"), row("e", "f")]],
  ["all", [row("a", "b", "->"), row("e", "f")]],
] as const)("copies %s rows, and nothing else", (how, field) => {
  expect(copied(here, there, how)).toEqual({ ...here, field });
});
