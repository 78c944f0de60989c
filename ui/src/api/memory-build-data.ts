// The made-up connection that description, templates and setup are pictured with. Companies and people are invented.
import type { Condition } from "./generated/Condition";
import type { ConnectionDoc } from "./generated/ConnectionDoc";
import type { EditorPicture } from "./generated/EditorPicture";
import type { FieldKind } from "./generated/FieldKind";
import type { FieldOption } from "./generated/FieldOption";
import type { FieldSchema } from "./generated/FieldSchema";
import type { Filter } from "./generated/Filter";
import type { FoundProblem } from "./generated/FoundProblem";
import type { OfferedSide } from "./generated/OfferedSide";
import type { SchemaView } from "./generated/SchemaView";
import type { Side } from "./generated/Side";
import type { Template } from "./generated/Template";
import type { TypeMapping } from "./generated/TypeMapping";
import { type EditorWorld, emptyEditor } from "./memory-editing";

const DAY = 86_400_000;

function options(labels: string): FieldOption[] {
  return labels.split(", ").map((text) => {
    const [label = "", id = label.toLowerCase().replaceAll(" ", "_")] = text.split("=");
    return { label, id };
  });
}

interface Parts {
  id?: string;
  required?: boolean;
  readOnly?: string;
  max?: number;
  options?: string;
}

function field(label: string, kind: FieldKind, parts: Parts = {}): FieldSchema {
  return {
    id: parts.id ?? label.toLowerCase().replaceAll(" ", "_"), label, kind, required_on_create: parts.required ?? false, read_only: parts.readOnly ?? null,
    on_create: parts.readOnly === undefined, chars_max: parts.max ?? null, options: parts.options === undefined ? [] : options(parts.options),
  };
}

function schema(parts: Partial<SchemaView> & Pick<SchemaView, "ticket_type" | "type_label" | "fields">): SchemaView {
  return { status_field: null, statuses: [], steps: [], free: true, customers_read: true, internal_comments: true, not_confirmed: [], ...parts };
}

const LEVELS = "1 - High=1, 2 - Medium=2, 3 - Low=3";
const TEAMS = "Network=t1, Workplace=t2, Telemetry=t3, Security=t8";

const SOURCE = schema({
  ticket_type: "incident", type_label: "Incident", status_field: "state", statuses: options("New=1, In Progress=2, On Hold=3, Resolved=6").map((status) => ({ ...status, done: status.id === "6" })),
  fields: [
    field("Assignment group", "group", { options: "Corvane network=g1, Corvane desktop=g2, Security=g8, Facilities=g9" }), field("Business service", "reference"),
    field("Caller", "person", { id: "caller_id", required: true }), field("Caller email", "line"), field("Category", "choice", { options: "Network, Hardware, Software, Telemetry" }),
    field("Configuration item", "reference", { id: "cmdb_ci" }), field("Contact type", "choice", { options: "Phone, Email, Portal" }), field("Description", "text", { max: 4000 }),
    field("Impact", "choice", { options: LEVELS }), field("Location", "reference"), field("Number", "line", { readOnly: "given by ServiceNow" }),
    field("On hold reason", "choice", { id: "hold_reason", options: "Awaiting Caller=1, Awaiting Vendor=4" }), field("Opened", "date_time", { id: "opened_at", readOnly: "set when the ticket is opened" }),
    field("Severity", "choice", { options: "Critical=1, Major=2, Minor=3" }), field("Short description", "line", { max: 160, required: true }), field("State", "status"),
    field("Urgency", "choice", { options: LEVELS }),
  ],
});

const TARGET = schema({
  ticket_type: "10007", type_label: "Incident", status_field: "status", statuses: options("Open=1, In progress=3, Resolved=5").map((status) => ({ ...status, done: status.id === "5" })),
  fields: [
    field("Assigned team", "choice", { id: "customfield_10060", options: TEAMS }), field("Components", "set", { options: "Network, Hardware, Software, Telemetry" }),
    field("Description", "rich", { max: 32767 }), field("Due date", "date"), field("Labels", "set"), field("Priority", "choice", { options: "Highest=1, High=2, Medium=3, Low=4" }),
    field("Reporter", "person", { required: true }), field("Request type", "choice", { id: "customfield_10010", required: true, options: "Report an incident=25, Ask a question=26" }),
    field("Status", "status"), field("Summary", "line", { max: 255, required: true }),
  ],
});

const line = (label: string, name: string) => ({ label, field: name });

/** Limits travel as numbers, though their generated type says otherwise. */
const LIMITS = { creates_max: 200, closes_max: 200 };

function incident(): TypeMapping {
  return {
    name: "Incident", source: { container: "", ticket_type: "incident" }, target: { container: "CSD", ticket_type: "10007" }, target_tickets: true,
    filter: { source: { all: [{ field: "assignment_group", operator: "is", values: ["g1", "g8"] }] }, target: {} },
    field: [
      { source: "short_description", target: "summary", direction: "<->", rule: { kind: "copy" } },
      {
        source: "description", target: "description", direction: "->",
        rule: {
          kind: "description", original: "description",
          line: [
            line("Customer ticket", "number"), { ...line("Caller", "caller_id"), when_empty: { show: "none" } }, line("Location", "location"), line("Affected system", "cmdb_ci"),
            line("Service", "business_service"), line("Opened", "opened_at"), line("On hold because", "hold_reason"),
          ],
        },
      },
      { source: "caller_id", target: "reporter", direction: "->", rule: { kind: "person", fallback: "lockstep.sync" } },
      { target: "customfield_10010", direction: "->", write: "on_create", rule: { kind: "constant", value: "25" } },
    ],
    template: [
      { name: "Security incident", when: { all: [{ field: "severity", operator: "is", values: ["1", "2"] }, { field: "assignment_group", operator: "is", values: ["g8"] }] }, set: { customfield_10060: "t8", priority: "1" }, container: "SEC" },
      { name: "Network outage", when: { all: [{ field: "category", operator: "is", values: ["network"] }], any: [{ field: "impact", operator: "is", values: ["1"] }, { field: "short_description", operator: "contains", values: ["outage"] }] }, set: { priority: "2" } },
      { name: "Operations incident", when: { all: [{ field: "assignment_group", operator: "is", values: ["g1"] }] }, set: { customfield_10060: "t1" } },
    ],
    source_template: [{ name: "From the desk", set: { assignment_group: "g1" } }],
    comments: { source: { public: "internal", internal: "no" }, target: { public: "public", internal: "no" }, author_line: "{author}, {platform}, {time}", edited: "update" },
    attachments: { copy: { source: true, target: false }, bytes_max: 26_214_400 },
  };
}

function task(): TypeMapping {
  return {
    name: "Task", source: { container: "", ticket_type: "sc_task" }, target: { container: "CSD", ticket_type: "10008" },
    field: [{ source: "short_description", target: "summary", direction: "<->", rule: { kind: "copy" } }, { source: "description", target: "description", direction: "->", rule: { kind: "copy" } }],
  };
}

function document(name: string): ConnectionDoc {
  return {
    name, source: "Dunmarrow Water", target: "Corvane desk", interval_seconds: 300, limits: LIMITS, type: [incident(), task()],
    person: [{ source: "ines.alvarez", target: "5b10a2844c20165700ede21g" }, { source: "tomas.lind", target: "5b10ac8d82e05b22cc7d4ef5" }],
  };
}

type Where = FoundProblem["place"] extends infer Place ? Place : never;

function problem(level: FoundProblem["level"], code: FoundProblem["code"], place: Where, message: string, fix: string): FoundProblem {
  return { level, code, place, place_label: place.type_mapping, message, fix, remedies: [] };
}

const always = (filter: Filter | undefined) => (filter?.all ?? []).length + (filter?.any ?? []).length === 0;

/** A made-up checker: what a template list and comments can get wrong. */
export function checkBuilt(doc: ConnectionDoc): FoundProblem[] {
  return (doc.type ?? []).flatMap((type) => {
    const whole: Where = { type_mapping: type.name, part: "whole" };
    const found: FoundProblem[] = [];
    const sides: [Side, Template[]][] = [["target", type.template ?? []], ...(type.target_tickets === true ? [["source", type.source_template ?? []] as [Side, Template[]]] : [])];
    for (const [side, templates] of sides) {
      const platform = side === "target" ? "Jira" : "ServiceNow";
      if (templates.length === 0) found.push(problem("note", "no_template", whole, `There is no template, so no ticket is created in ${platform}; linked tickets still sync.`, "Add a template if tickets shall be created."));
      templates.forEach((template, index) => {
        const above = templates.slice(0, index).find((before) => always(before.when));
        if (above !== undefined) found.push(problem("warning", "template_never_reached", { type_mapping: type.name, part: "template", side, index, name: template.name }, `No ticket comes this far: the template ${above.name} above catches it.`, "Move it up, or remove it."));
      });
    }
    const { no_match: fallback } = type;
    if (typeof fallback === "object" && !(type.template ?? []).some((template) => template.name === fallback.use)) found.push(problem("error", "fallback_missing", whole, `Tickets that no template catches use the template ${fallback.use}, which does not exist in Jira.`, "Choose a template that exists."));
    for (const side of ["source", "target"] as const) {
      if (type.comments?.[side].internal === "public") found.push(problem("warning", "internal_becomes_public", { type_mapping: type.name, part: "comments", side }, "Internal comments become public: customers will read them.", "Keep them internal unless that is meant."));
    }
    for (const row of type.field) {
      if (row.rule.kind === "description" && row.rule.line.some((each) => each.label.trim() === "")) found.push(problem("error", "value_not_possible", { type_mapping: type.name, part: "field", index: type.field.indexOf(row), key: "description=description", label: "Description ↔ Description" }, "A line of the description has no label.", "Give it one, or remove it."));
    }
    return found;
  }).sort((one, other) => ["error", "warning", "note"].indexOf(one.level) - ["error", "warning", "note"].indexOf(other.level));
}

export function conditionLabels(condition: Condition): { field: string; values: string[] } {
  const known = SOURCE.fields.find((each) => each.id === condition.field);
  return { field: known?.label ?? condition.field, values: (condition.values ?? []).map((value) => known?.options.find((option) => option.id === value)?.label ?? value) };
}

/** The editors of the first connections of the desk. */
export function buildEditor(now: number): EditorWorld {
  const offered = (view: SchemaView): OfferedSide => ({ schema: view, taken_ms: now - DAY / 6, changed: null, trouble: null });
  const names = ["Dunmarrow incidents", "Fennick stores", "Ostrel alerts", "Pellworth requests", "Quillmark support", "Tarn Valley desk"];
  const picture = (name: string, at: number): [number, EditorPicture] => [at + 1, { connection: at + 1, revision: 7, saved_ms: now - DAY, links: 412, document: document(name), draft: null }];
  return { ...emptyEditor(() => now), pictures: new Map(names.map(picture)), offers: { source: offered(SOURCE), target: offered(TARGET) }, check: checkBuilt };
}
