// Made-up plans: one as a desk sees it, and large ones for tests. Companies and people are invented.
import type { ChangeView } from "./generated/ChangeView";
import type { ConnectionCard } from "./generated/ConnectionCard";
import type { NoticeView } from "./generated/NoticeView";
import type { OperationView } from "./generated/OperationView";
import type { OutcomeWord } from "./generated/OutcomeWord";
import type { PlanDetail } from "./generated/PlanDetail";
import type { PlanRowView } from "./generated/PlanRowView";
import type { TallyView } from "./generated/TallyView";
import type { PlanWorld } from "./memory-plans";

export interface KeptPlan {
  detail: PlanDetail;
  rows: PlanRowView[];
}

type Where = "source" | "target";
const DAY = 24 * 3_600_000;

function change(side: Where, field: string, before: string, after: string, reason: string): ChangeView {
  return { side, field, before, after, reason };
}

function operation(kind: string, side: Where, what: string, reason: string, changes: ChangeView[] = [], seen = false): OperationView {
  return { kind, side, what, reason, customer_sees: seen, changes };
}

interface RowParts {
  source: string | null;
  target: string | null;
  title: string;
  outcome: OutcomeWord;
  operations?: OperationView[];
  conflicts?: string[];
  notices?: NoticeView[];
  included?: boolean;
}

const LABELS: Record<OutcomeWord, string> = { created: "Created", updated: "Updated", closed: "Closed", failed: "Failed", skipped: "Skipped" };

function row(ordinal: number, parts: RowParts): PlanRowView {
  const operations = parts.operations ?? [];
  return {
    ordinal, source: parts.source, target: parts.target, title: parts.title, type_mapping: "Incident", outcome: parts.outcome,
    label: LABELS[parts.outcome], operations, conflicts: parts.conflicts ?? [], notices: parts.notices ?? [],
    customer_sees: operations.some((each) => each.customer_sees), included: parts.included ?? true,
  };
}

const NEW: [string, string, Where, string][] = [
  ["INC0048231", "Chlorine sensor offline at Brook Lane", "target", "Operations incident"], ["INC0048229", "Badge reader fails at depot 3", "target", "Site access"],
  ["CSD-1238", "Firewall rule blocks meter upload", "source", "Provider raised"], ["INC0048222", "Test ticket, please ignore", "target", "Operations incident"],
  ["INC0048219", "Meter app crashes on upload", "target", "Operations incident"], ["INC0048216", "New starter needs radio profile", "target", "Site access"],
  ["INC0048215", "Certificate renewal on gateway 2", "target", "Operations incident"],
];

function creates(): RowParts[] {
  return NEW.map(([key, title, side, template]) => {
    const reason = side === "target" ? `${key} is new in ServiceNow` : `${key} is new in Jira`;
    const fields = [
      change(side, side === "target" ? "Summary" : "Short description", "", title, "copied"),
      change(side, "Priority", "", "Medium", "Impact and Urgency"),
      change(side, side === "target" ? "Status" : "State", "", side === "target" ? "To do" : "New", `its status in ${side === "target" ? "ServiceNow" : "Jira"}`),
      change(side, "Assigned team", "", "Network", `template ${template}`),
    ];
    const more = title.startsWith("Meter app") ? [operation("attachment", side, "file upload-error.png, 214 KB", "Tomas Lind added it in ServiceNow")] : [];
    return {
      source: side === "target" ? key : null, target: side === "source" ? key : null, title, outcome: "created" as const, included: key !== "INC0048222",
      operations: [operation("create", side, "new ticket", reason, fields, side === "source"), ...more],
    };
  });
}

const SOME: RowParts[] = [
  {
    source: "INC0048213", target: "CSD-1187", title: "Pump telemetry late at North weir", outcome: "updated",
    operations: [
      operation("status", "target", "status", "State is On Hold since 13:59", [change("target", "Status", "In progress", "Waiting for customer", "State is On Hold since 13:59")]),
      operation("update", "target", "fields", "", [change("target", "Priority", "Medium", "High", "Urgency changed from 2 to 1"), change("target", "Components", "", "Telemetry", "Category is Network")]),
      operation("comment", "target", "comment, internal", "Ines Alvarez commented in ServiceNow"),
    ],
  },
  {
    source: "INC0048190", target: "CSD-1171", title: "Invoice print queue stuck", outcome: "updated",
    operations: [
      operation("status", "source", "status", "Status set to Resolved 14:01", [change("source", "State", "In Progress", "Resolved", "Status set to Resolved 14:01")], true),
      operation("update", "source", "fields", "", [change("source", "Close code", "", "Solution provided", "Needed by Resolved"), change("source", "Close notes", "", "Driver rolled back, queue emptied and watched for an hour", "Last public comment")], true),
    ],
  },
  {
    source: "INC0048203", target: "CSD-1181", title: "Map layer shows old valve ids", outcome: "updated",
    operations: [
      operation("update", "target", "fields", "", [change("target", "Summary", "Map layer shows old valves", "Map layer shows old valve ids", "copied")]),
      operation("update", "source", "fields", "", [change("source", "Assigned to", "", "Ines Alvarez", "same e-mail")]),
    ],
    notices: [{ message: "the description is longer than Jira takes and is cut at 32,767 characters", remedy: "Shorten it in ServiceNow, or leave lines out in the description builder.", needs_person: false }],
  },
];

const UPDATED = [
  "VPN drops every 20 minutes", "Scanner offline in post room", "Remote site loses phone lines", "Payroll export stops with a timeout", "Lift panel shows the wrong floor",
  "Wall screen in room 2.14 stays dark", "Shared mailbox of finance is full", "Web shop shows prices without tax", "Label printer in hall 3 prints blank labels",
  "Sampling van lost its route", "Archive search returns nothing", "Two calendars show the same room", "Headset of the duty desk crackles", "Backup of hut 4 took nine hours",
  "Valve 17 answers late", "Door log misses the night shift", "Map tiles load slowly", "Camera at gate B turns away", "Fax line rings twice", "Update asks for a restart each day",
  "Password mail arrives an hour late", "Reader app forgets the last page", "Order export misses two columns", "Proof opens blank in the reader", "Time sheet rounds to the hour",
  "Phone book lists people who left", "Room sensor reports minus forty", "Screen reader skips the menu", "Night report comes without figures", "Guest network asks twice",
];

function updates(): RowParts[] {
  const rest = UPDATED.map((title, at): RowParts => {
    const side: Where = at % 4 === 1 ? "source" : "target";
    const [source, target] = [`INC00480${String(99 - at).padStart(2, "0")}`, `CSD-10${String(60 - at).padStart(2, "0")}`];
    const field = at % 3 === 0
      ? change(side, "Priority", "Low", "Medium", "Impact and Urgency")
      : at % 3 === 1
        ? change(side, side === "source" ? "State" : "Status", side === "source" ? "New" : "To do", side === "source" ? "In Progress" : "In progress", "value pair")
        : change(side, "Assigned team", "Field", "Network", "value pair");
    const status = at % 3 === 1;
    const operations = [operation(status ? "status" : "update", side, status ? "status" : "fields", field.reason, [field], status && side === "source")];
    if (at % 4 === 3) operations.push(operation("comment", "target", "comment, internal", "Tomas Lind commented in ServiceNow"));
    if (at === 4) operations.push(operation("comment", "source", "comment, public", "Mira Okafor commented in Jira", [], true));
    if (at === 8) operations.push(operation("attachment", "target", "file label-run.pdf, 1.4 MB", "Mira Okafor added it in ServiceNow"));
    return { source, target, title, outcome: "updated", operations };
  });
  return [...SOME, ...rest];
}

const CLOSED: [string, string, string, Where][] = [
  ["INC0048155", "CSD-1149", "Second screen flickers in lab", "target"], ["INC0048151", "CSD-1146", "Shared drive full", "source"],
  ["INC0048142", "CSD-1139", "Replace UPS battery, control hut 6", "target"], ["INC0048139", "CSD-1136", "Mail rule moves alarms to junk", "target"],
];

function closes(): RowParts[] {
  return CLOSED.map(([source, target, title, side]) => ({
    source, target, title, outcome: "closed",
    operations: [operation("status", side, "status", "value pair", [change(side, side === "source" ? "State" : "Status", "Resolved", "Closed", "value pair")], side === "source")],
  }));
}

function skips(): RowParts[] {
  return [
    { source: "INC0048188", target: "CSD-1174", title: "SCADA login prompts repeat", outcome: "skipped", conflicts: ["Due date"], notices: [{ message: "Due date changed on both sides and waits for a decision", remedy: "Decide which value holds.", needs_person: true }] },
    { source: "INC0048120", target: null, title: "Private ticket", outcome: "skipped", notices: [{ message: "private tickets are not synced, the title was not read", remedy: null, needs_person: false }] },
    { source: "INC0048117", target: null, title: "Desk move on floor 3", outcome: "skipped", notices: [{ message: "no template catches it: Category is Facilities", remedy: "Add a template if such tickets should be created.", needs_person: false }] },
  ];
}

function tallyOf(rows: PlanRowView[]): TallyView {
  const of = (outcome: OutcomeWord) => rows.filter((each) => each.outcome === outcome).length;
  const all = rows.flatMap((each) => each.operations);
  const kinds = (...words: string[]) => all.filter((each) => words.includes(each.kind)).length;
  return {
    creates: of("created"), updates: of("updated"), closes: of("closed"), comments: kinds("comment", "edit_comment"), files: kinds("attachment"), links: kinds("link"),
    skips: of("skipped"), conflicts: rows.reduce((sum, each) => sum + each.conflicts.length, 0), customer_sees: all.filter((each) => each.customer_sees).length,
  };
}

function kept(plan: number, connection: ConnectionCard, now: number, parts: RowParts[]): KeptPlan {
  const rows = parts.map((each, at) => row(at, each));
  const outcomes: OutcomeWord[] = ["created", "updated", "closed", "skipped"];
  return {
    rows,
    detail: {
      plan, connection: connection.id, connection_name: connection.name, made_ms: now, kept_until_ms: now + DAY, tally: tallyOf(rows), reasons: [], cancelled: false, since_ms: null,
      source_side: connection.source_side, target_side: connection.target_side, stale: null,
      outcomes: outcomes.map((outcome) => ({ outcome, rows: rows.filter((each) => each.outcome === outcome).length, included: 0 })).filter((each) => each.rows > 0),
    },
  };
}

/** The plan of a desk: 44 tickets to write, one left out, one that needs a decision. */
export function deskPlan(plan: number, connection: ConnectionCard, now: number): KeptPlan {
  return kept(plan, connection, now, [...creates(), ...updates(), ...closes(), ...skips()]);
}

/** A plan where both sides agree. */
export function quietPlan(plan: number, connection: ConnectionCard, now: number): KeptPlan {
  return kept(plan, connection, now, []);
}

/** Many tickets, most of them to create: as a first run of a large desk. */
export function largePlan(plan: number, connection: ConnectionCard, now: number, rows = 5000): KeptPlan {
  const wide: RowParts[] = Array.from({ length: rows }, (_, at) => {
    const [source, title] = [`INC00${100_000 + at}`, `${UPDATED[at % UPDATED.length] ?? ""}, ${at + 1}`];
    if (at % 10 === 9) return { source, target: `CSD-${at}`, title, outcome: "updated", operations: [operation("comment", "source", "comment, public", "Mira Okafor commented in Jira", [], true)] };
    return { source, target: null, title, outcome: "created", operations: [operation("create", "target", "new ticket", `${source} is new in ServiceNow`, [change("target", "Summary", "", title, "copied")])] };
  });
  return kept(plan, connection, now, wide);
}

/** Makes a plan and keeps it. */
export function planned(world: PlanWorld & { now: number }, plan: number, connection: ConnectionCard, sinceMs: number | null): PlanDetail {
  const made = deskPlan(plan, connection, world.now);
  made.detail.since_ms = sinceMs;
  if (connection.first_run) made.detail.reasons = [{ sentence: "option Escalated of State is new in Jira since the mapping was saved", can_order: true }];
  world.plans.set(plan, made);
  return made.detail;
}

/** The plans that the worlds begin with. */
export function deskPlans(connections: ConnectionCard[], now: number): PlanWorld["plans"] {
  const [first] = connections;
  if (first === undefined) return new Map();
  const stale = deskPlan(38, first, now - 3_600_000);
  stale.detail.stale = "The mapping changed since. Plan again.";
  const partly = deskPlan(37, first, now);
  partly.detail.cancelled = true;
  partly.detail.reasons = [{ sentence: "37 of 61 linked tickets are suddenly not visible on the target side", can_order: true }];
  return new Map([
    [40, deskPlan(40, first, now - 22_000)], [39, quietPlan(39, first, now)], [38, stale], [37, partly], [36, largePlan(36, first, now, 400)],
  ]);
}
