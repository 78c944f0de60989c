// The made-up connection of the editors: ServiceNow incidents and a Jira desk. Companies and people are invented.
import type { ConnectionDoc } from "./generated/ConnectionDoc";
import type { Counted } from "./generated/Counted";
import type { FieldKind } from "./generated/FieldKind";
import type { FieldMapping } from "./generated/FieldMapping";
import type { FieldOption } from "./generated/FieldOption";
import type { FieldSchema } from "./generated/FieldSchema";
import type { OfferedSide } from "./generated/OfferedSide";
import type { SchemaView } from "./generated/SchemaView";
import type { StepField } from "./generated/StepField";
import type { Suggestion } from "./generated/Suggestion";
import type { ValuePair } from "./generated/ValuePair";
import { checkerOf } from "./memory-checker";
import type { EditorWorld } from "./memory-editing";

const DAY = 86_400_000;

function options(labels: string): FieldOption[] {
  return labels.split(", ").map((text) => {
    const [label = "", id] = text.split("=");
    return { label, id: id ?? label.toLowerCase().replace(/[^a-z0-9]+/g, "_") };
  });
}

interface FieldParts {
  id?: string;
  required?: boolean;
  readOnly?: string;
  max?: number;
  options?: string;
}

function field(label: string, kind: FieldKind, parts: FieldParts = {}): FieldSchema {
  return {
    id: parts.id ?? label.toLowerCase().replace(/[^a-z0-9]+/g, "_"), label, kind, required_on_create: parts.required ?? false,
    read_only: parts.readOnly ?? null, on_create: parts.readOnly === undefined, chars_max: parts.max ?? null,
    options: parts.options === undefined ? [] : options(parts.options),
  };
}

const LEVELS = "1 - High=1, 2 - Medium=2, 3 - Low=3";
const GROUPS = "Corvane network=g1, Corvane desktop=g2, Field telemetry=g3, Control systems=g4, Billing systems=g5, Water quality=g6, Service desk=g7, Security=g8, Facilities=g9";
const TEAMS = "Network=t1, Workplace=t2, Telemetry=t3, Control=t4, Billing=t5, Laboratory=t6, Service desk=t7, Security=t8, Buildings=t9";
const CATEGORIES = "Network, Hardware, Software, Telemetry, Database, Inquiry, Access, Email, Printing, Telephony, Backup";

/** Fields that nobody maps in the pictures, by kind. */
const MORE_SOURCE: [FieldKind, string][] = [
  ["boolean", "Active, Knowledge, Made SLA, Major incident"],
  ["date_time", "Activity due, Actual end, Actual start, Due date, Expected start, Follow up, Resolved at"],
  ["person", "Additional assignee, Closed by, Opened by, Reopened by, Resolved by"],
  ["choice", "Approval, Contact type, Escalation, Severity, Subcategory, Upon approval, Upon reject"],
  ["reference", "Asset, Business service, Caused by change, Change request, Contract, Delivery plan, Location, Parent incident, Problem, Service offering, Universal request"],
  ["number", "Business duration, Child incidents, Reassignment count, Reopen count, Resolve time, Time worked"],
  ["line", "Correlation display, Correlation ID, Effective number, Order"],
  ["text", "Additional comments list, Approval history, Business impact, Probable cause, Watch list, Work notes list"],
];

const MORE_TARGET: [FieldKind, string][] = [
  ["choice", "Business unit, Channel, Impact, Severity, Urgency"],
  ["date", "Change start, Due date, Target end"],
  ["person", "Approver, Change manager, Product owner"],
  ["text", "Environment, Root cause, Workaround"],
  ["number", "Original estimate, Story points, Time spent"],
  ["set", "Affected services, Fix versions, Sprint"],
  ["reference", "Parent, Linked change, Operational category"],
  ["boolean", "Flagged, Major incident"],
];

function more(lists: [FieldKind, string][]): FieldSchema[] {
  return lists.flatMap(([kind, names]) => names.split(", ").map((name) => field(name, kind)));
}

function byLabel(fields: FieldSchema[]): FieldSchema[] {
  return [...fields].sort((one, other) => one.label.localeCompare(other.label, "en"));
}

function source(): SchemaView {
  const resolve: StepField[] = [
    { id: "close_code", label: "Close code", required: true, options: options("Solution provided, Workaround provided, Duplicate, No resolution provided, User error") },
    { id: "close_notes", label: "Close notes", required: true, options: [] },
  ];
  const statuses = options("New=1, In Progress=2, On Hold=3, Resolved=6, Closed=7, Canceled=8");
  return {
    ticket_type: "incident", type_label: "Incident", status_field: "state", free: true, customers_read: true, internal_comments: true, not_confirmed: [],
    statuses: statuses.map((status) => ({ ...status, done: ["6", "7", "8"].includes(status.id) })),
    steps: ["1", "2", "3"].map((from) => ({ from, to: "6", label: "Resolve", fields: resolve })),
    fields: byLabel([
      field("Short description", "line", { max: 160, required: true }), field("Description", "text", { max: 4000 }), field("State", "status"),
      field("On hold reason", "choice", { id: "hold_reason", options: "Awaiting Caller=1, Awaiting Vendor=4, Awaiting Change=5" }),
      field("Impact", "choice", { options: LEVELS }), field("Urgency", "choice", { options: LEVELS }),
      field("Priority", "choice", { readOnly: "calculated from impact and urgency", options: "1 - Critical=1, 2 - High=2, 3 - Moderate=3, 4 - Low=4" }),
      field("Caller", "person", { id: "caller_id", required: true }), field("Assignment group", "group", { options: GROUPS }), field("Assigned to", "person"),
      field("Category", "choice", { options: CATEGORIES }), field("Configuration item", "reference", { id: "cmdb_ci" }),
      field("Opened", "date_time", { id: "opened_at", readOnly: "set when the ticket is opened" }), field("Close code", "choice"), field("Close notes", "text", { max: 4000 }),
      field("Company", "reference", { options: "Dunmarrow Water=c1, Dunmarrow Reservoirs=c2, Dunmarrow Labs=c3" }),
      ...more(MORE_SOURCE),
    ]),
  };
}

function target(): SchemaView {
  const statuses = options("Open=1, In progress=3, Escalated=10201, Waiting for customer=10202, Pending vendor=10203, Resolved=5, Closed=6, Won’t do=10204");
  const resolution: StepField = { id: "resolution", label: "Resolution", required: true, options: options("Done=10000, Won’t do=10001, Duplicate=10002, Cannot reproduce=10003") };
  const steps: [string, string, string, StepField[]?][] = [
    ["1", "3", "Start"], ["3", "1", "Stop"], ["3", "10201", "Escalate"], ["3", "10202", "Ask the customer"], ["3", "10203", "Ask the vendor"], ["3", "5", "Resolve", [resolution]],
    ["10202", "3", "Go on"], ["10203", "3", "Go on"], ["10201", "10202", "Ask the customer"], ["5", "6", "Close"], ["5", "3", "Reopen"], ["6", "3", "Reopen"],
    ["10204", "3", "Reopen"], ["1", "10204", "Decline"], ["3", "10204", "Decline"],
  ];
  return {
    ticket_type: "10007", type_label: "Incident", status_field: "status", free: false, customers_read: true, internal_comments: true, not_confirmed: [],
    statuses: statuses.map((status) => ({ ...status, done: ["5", "6", "10204"].includes(status.id) })),
    steps: steps.map(([from, to, label, fields]) => ({ from, to, label, fields: fields ?? [] })),
    fields: byLabel([
      field("Summary", "line", { max: 255, required: true }), field("Description", "rich", { max: 32767 }), field("Status", "status"),
      field("Priority", "choice", { options: "Highest=1, High=2, Medium=3, Low=4, Lowest=5" }), field("Reporter", "person", { required: true }),
      field("Assigned team", "choice", { id: "customfield_10060", options: TEAMS }), field("Assignee", "person"),
      field("Components", "set", { options: CATEGORIES.replace("Inquiry", "Question").replace("Email", "Mail") }),
      field("Organizations", "set", { id: "customfield_10002", options: "Dunmarrow Water=o1, Dunmarrow Reservoirs=o2, Dunmarrow Labs=o3" }),
      field("Request type", "choice", { id: "customfield_10010", required: true, options: "Report an incident=25, Ask a question=26" }), field("Labels", "set"),
      field("Resolution", "choice", { readOnly: "set by the status change", options: "Done=10000, Won’t do=10001, Duplicate=10002" }),
      field("Created", "date_time", { readOnly: "set when the ticket is created" }),
      ...more(MORE_TARGET),
    ]),
  };
}

function alike(from: string, to: string): ValuePair[] {
  const targets = options(to);
  return options(from).map((option, at) => ({ source: option.id, target: targets[at]?.id ?? "" }));
}

const STATES: ValuePair[] = [
  { source: "1", target: "1" },
  { source: "2", target: "3" },
  { source: "2", target: "10201" },
  { source: "3", target: "10202" },
  {
    source: "6", target: "5", target_needs: [{ field: "resolution", fixed: "10000" }],
    source_needs: [{ field: "close_code", fixed: "solution_provided" }, { field: "close_notes", last_public_comment: "Resolved in Jira." }],
  },
  { source: "7", target: "6" },
];

function rows(states: ValuePair[]): FieldMapping[] {
  const cells = ["1", "2", "3"].flatMap((impact, row) => ["1", "2", "3"].map((urgency, column) => ({ when: [impact, urgency], then: String(1 + row + column) })));
  const values = (pair: ValuePair[]) => ({ kind: "values" as const, pair, otherwise: "ask" as const, otherwise_back: "leave" as const });
  const line = (label: string, name: string) => ({ label, field: name });
  return [
    { source: "short_description", target: "summary", direction: "<->", rule: { kind: "copy" } },
    {
      source: "description", target: "description", direction: "->",
      rule: { kind: "description", original: "description", line: [{ label: "Customer ticket: {key}" }, line("Caller", "caller_id"), line("Location", "location"), line("Configuration item", "cmdb_ci"), line("Impact", "impact"), line("Urgency", "urgency")] },
    },
    { source: "state", target: "status", direction: "<->", rule: values(states) },
    { source: ["impact", "urgency"], target: "priority", direction: "->", rule: { kind: "matrix", cell: cells, otherwise: "ask" } },
    { source: "caller_id", target: "reporter", direction: "->", rule: { kind: "person", fallback: "lockstep.sync" } },
    { source: "assignment_group", target: "customfield_10060", direction: "<->", rule: values(alike(GROUPS, TEAMS)) },
    { source: "category", target: "components", direction: "->", rule: values(alike(CATEGORIES, CATEGORIES.replace("Inquiry", "Question").replace("Email", "Mail"))) },
    { source: "assigned_to", target: "assignee", direction: "<->", rule: { kind: "person" } },
    { source: "company", target: "customfield_10002", direction: "->", rule: values(alike("W=c1, R=c2, L=c3", "W=o1, R=o2, L=o3")) },
    { target: "customfield_10010", direction: "->", write: "on_create", rule: { kind: "constant", value: "25" } },
  ];
}

function document(name: string, states: ValuePair[]): ConnectionDoc {
  const places = { source: { container: "", ticket_type: "incident" }, target: { container: "CSD", ticket_type: "10007" } };
  const tasks = rows([]).filter((row) => row.rule.kind === "copy" || row.rule.kind === "person" || row.rule.kind === "constant");
  return {
    name, source: "Dunmarrow Water", target: "Corvane desk", interval_seconds: 300,
    type: [{ name: "Incident", ...places, field: rows(states) }, { name: "Task", ...places, source: { container: "", ticket_type: "sc_task" }, field: tasks }],
  };
}

const COUNTS = {
  source: {
    state: { 1: 38, 2: 112, 3: 41, 6: 64, 7: 1204, 8: 17 }, assignment_group: { g1: 214, g2: 180, g3: 96, g4: 41, g5: 22, g6: 17, g7: 301, g8: 35, g9: 4 },
    category: { network: 120, hardware: 88, software: 203, telemetry: 64, database: 9, inquiry: 71, access: 40, email: 33, printing: 12, telephony: 6, backup: 2 }, company: { c1: 820, c2: 204, c3: 31 },
  },
  target: {
    status: { 1: 29, 3: 97, 10201: 8, 10202: 22, 10203: 11, 5: 60, 6: 1180, 10204: 15 }, customfield_10060: { t1: 209, t2: 171, t3: 94, t4: 40, t5: 20, t6: 15, t7: 288, t8: 34, t9: 3 },
    components: { network: 118, hardware: 84 }, customfield_10002: { o1: 811, o2: 200, o3: 30 },
  },
} satisfies Counted["counts"];

/** The editors of the desk: the first connection has a draft with three changes in it. */
export function editorDesk(now: number): EditorWorld {
  const offers = {
    source: { schema: source(), taken_ms: now - DAY / 6, changed: null, trouble: null } satisfies OfferedSide,
    target: { schema: target(), taken_ms: now - DAY / 6, changed: null, trouble: null } satisfies OfferedSide,
  };
  const counted: Counted = { counts: COUNTS, counted_ms: now - 420_000 };
  const drafted = STATES.flatMap((pair): ValuePair[] => {
    if (pair.target === "10201") return [{ ...pair, direction: "<-" }];
    if (pair.target === "10202") return [pair, { source: "3", target: "10203" }];
    if (pair.target === "5") return [{ ...pair, source_needs: [{ field: "close_code", fixed: "solution_provided" }, { field: "close_notes", last_public_comment: "Resolved by Corvane." }] }];
    return [pair];
  });
  const names = ["Dunmarrow incidents", "Fennick stores", "Ostrel alerts", "Pellworth requests", "Quillmark support", "Tarn Valley desk"];
  const pictures = new Map(names.map((name, at) => [at + 1, {
    connection: at + 1, revision: 7, saved_ms: now - DAY, links: 1204, document: document(name, STATES),
    draft: at === 0 ? { document: document(name, drafted), based_on: 7, saved_ms: now - 300_000 } : null,
  }]));
  const suggestions: Suggestion[] = [
    { mapping: { source: "due_date", target: "due_date", direction: "<->", rule: { kind: "copy" } }, reason: "same name" },
    { mapping: { source: "business_impact", target: "impact", direction: "->", rule: { kind: "copy" } }, reason: "similar name" },
  ];
  const versions = [{ revision: 6, saved_ms: now - 12 * DAY, document: document("Dunmarrow incidents", STATES.slice(0, 4)) }];
  return { pictures, versions, offers, check: checkerOf(offers, counted), counted, suggestions, now: () => now };
}

const MANY = 300;

/** The same with as much as the editor must bear: 300 values a side, 300 pairs, more than 200 fields. */
export function editorLarge(now: number): EditorWorld {
  const desk = editorDesk(now);
  const many = (side: string) => Array.from({ length: MANY }, (_, at) => ({ id: `${side}${at}`, label: `${side === "s" ? "State" : "Status"} ${at + 1}`, done: false }));
  const { source: from, target: to } = desk.offers;
  const further = Array.from({ length: 240 }, (_, at) => field(`Extra field ${at + 1}`, at % 2 === 0 ? "line" : "choice"));
  if (from.schema !== null) from.schema = { ...from.schema, statuses: many("s"), fields: [...from.schema.fields, ...further] };
  if (to.schema !== null) to.schema = { ...to.schema, statuses: many("t"), steps: [], free: true, fields: [...to.schema.fields, ...further] };
  const pairs = Array.from({ length: MANY }, (_, at): ValuePair => ({ source: `s${at}`, target: `t${(at * 7) % MANY}` }));
  for (const picture of desk.pictures.values()) {
    picture.draft = null;
    picture.document = document(picture.document.name, pairs);
  }
  return { ...desk, check: () => [] };
}
