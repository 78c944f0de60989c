import { describe, expect, it } from "vitest";
import type { FieldMapping } from "../../../api/generated/FieldMapping";
import type { FieldSchema } from "../../../api/generated/FieldSchema";
import type { FoundProblem } from "../../../api/generated/FoundProblem";
import type { SchemaView } from "../../../api/generated/SchemaView";
import type { Side } from "../../../api/generated/Side";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { actOf } from "./acts";
import { offerOf } from "./offer";

const field = (id: string, more: Partial<FieldSchema> = {}): FieldSchema => ({ id, label: id.toUpperCase(), kind: "line", required_on_create: false, read_only: null, on_create: true, chars_max: null, options: [], ...more });
const schema = (...fields: FieldSchema[]): SchemaView => ({ ticket_type: "t", type_label: "T", fields, status_field: null, statuses: [], steps: [], free: true, customers_read: false, internal_comments: true, not_confirmed: [] });
const offer = (side: Side, ...fields: FieldSchema[]) => offerOf(side, { account: "", platform: "", label: side, address: "", practice: false, sandbox: false }, { schema: schema(...fields), taken_ms: 1, changed: null, trouble: null });
const offers = { source: offer("source", field("a"), field("b")), target: offer("target", field("x"), field("y"), field("need", { required_on_create: true })) };

const row = (source: string, target: string, rule: FieldMapping["rule"] = { kind: "copy" }): FieldMapping => ({ source, target, direction: "->", rule });
const mapping: TypeMapping = {
  name: "Incident", source: { container: "", ticket_type: "t" }, target: { container: "", ticket_type: "t" },
  field: [row("a", "x"), row("gone", "y"), row("b", "x"), row("b", "y", { kind: "description", line: [], original: "b" })],
};

function problem(code: FoundProblem["code"], index: number | null, more: Partial<FoundProblem> & { pair?: number } = {}): FoundProblem {
  const { pair, ...rest } = more;
  const at = index === null ? undefined : mapping.field[index];
  const key = at === undefined ? "" : `${String(at.source)}=${String(at.target)}`;
  const place: FoundProblem["place"] = index === null ? { type_mapping: "Incident", part: "whole" } : { type_mapping: "Incident", part: "field", index, key, label: "", ...(pair === undefined ? {} : { pair }) };
  return { code, place, level: "error", place_label: "", message: "", fix: "", remedies: [], ...rest };
}

describe("the button of a problem", () => {
  it.each<[string, FoundProblem, object | null]>([
    ["its remedy first", problem("field_read_only", 0, { remedies: [{ label: "Remove row", changes: [{ do: "remove_field", field: 0 }] }] }), { do: "mend", label: "Remove row", changes: [{ do: "remove_field", field: 0 }] }],
    ["a field that is gone", problem("field_missing", 1), { do: "choose_field", label: "Choose another…", row: 1, side: "source" }],
    ["fields that do not fit", problem("types_do_not_fit", 0), { do: "choose_field", label: "Choose another…", row: 0, side: "target" }],
    ["a status out of reach", problem("status_unreachable", 0, { pair: 2 }), { do: "choose_value", label: "Choose another…", row: 0, pair: 2 }],
    ["an empty need", problem("need_missing", 0, { pair: 1 }), { do: "open_pair", label: "Open pair", row: 0, pair: 1 }],
    ["two rows that write one field", problem("written_twice", 2), { do: "show_both", label: "Show both", row: 2, other: 0 }],
    ["formatting that goes", problem("rich_text_flattened", 0), { do: "try", label: "See what is lost" }],
    ["formatting that goes from a built text", problem("rich_text_flattened", 3), { do: "go", label: "See what is lost", tab: "description" }],
    ["a required field", problem("required_on_create", null, { message: "NEED is required on create, and nothing fills it." }), { do: "set_fixed", label: "Set fixed value…", field: "need" }],
    ["a required field nobody knows", problem("required_on_create", null, { message: "Other is required." }), null],
    ["a template", problem("template_never_reached", null, { place: { type_mapping: "Incident", part: "template", side: "target", index: 1, name: "T" } }), { do: "go", label: "Open Templates", tab: "templates" }],
    ["a filter", problem("value_gone", null, { place: { type_mapping: "Incident", part: "filter", side: "source" } }), { do: "go", label: "Open Setup", tab: "setup" }],
    ["comments", problem("internal_becomes_public", null, { place: { type_mapping: "Incident", part: "comments", side: "source" } }), { do: "go", label: "Open Setup", tab: "setup" }],
    ["two connections that overlap", problem("connections_overlap", null), { do: "go", label: "Open Setup", tab: "setup" }],
    ["anything else of a row", problem("matrix_incomplete", 0), { do: "show", label: "Show", row: 0 }],
    ["a row that is gone", problem("matrix_incomplete", 0, { place: { type_mapping: "Incident", part: "field", index: 9, key: "no=where", label: "" } }), null],
  ])("leads to %s", (_, found, act) => {
    expect(actOf(found, mapping, offers)).toEqual(act);
  });
});
