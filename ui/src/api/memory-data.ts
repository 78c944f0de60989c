// The made-up data behind memory.ts: practice, and a desk with several connections in several states.
import type { ConnectionCard } from "./generated/ConnectionCard";
import type { ConnectionState } from "./generated/ConnectionState";
import type { Counts } from "./generated/Counts";
import type { HourView } from "./generated/HourView";
import type { NextStep } from "./generated/NextStep";
import type { OutcomeWord } from "./generated/OutcomeWord";
import type { RunPicture } from "./generated/RunPicture";
import type { RunProgress } from "./generated/RunProgress";
import type { RunResult } from "./generated/RunResult";
import type { RunView } from "./generated/RunView";
import type { SideView } from "./generated/SideView";
import type { TicketView } from "./generated/TicketView";
import type { World } from "./memory";
import { accountWorld } from "./memory-accounts-data";
import { ticketWorld } from "./memory-tickets-data";
import { deskPlans } from "./memory-plans-data";
import { buildEditor } from "./memory-build-data";
import { buildTrying } from "./memory-trying-data";
import { editorDesk, editorLarge } from "./memory-editing-data";

/** Tuesday, 12 May 2026, 14:05:22 here: pictures and tests stand still. */
export const stillNow = new Date(2026, 4, 12, 14, 5, 22).getTime();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const NO_COUNTS: Counts = { read: 0, planned: 0, done: 0, created: 0, updated: 0, closed: 0, failed: 0, skipped: 0, comments: 0, files: 0, linked: 0, conflicts: 0 };

export function counts(some: Partial<Counts>): Counts {
  return { ...NO_COUNTS, ...some };
}

function side(platform: "servicenow" | "jira", account: string, practice = false): SideView {
  const label = platform === "jira" ? "Jira" : "ServiceNow";
  return { account, platform, label, address: `https://${account.toLowerCase().replaceAll(" ", "-")}.example`, practice, sandbox: false };
}

const NO_HOURS: HourView[] = Array.from({ length: 24 }, () => ({ changed: 0, failed: 0, checked: false }));

function hours(seed: number, scale: number, failed: number[] = []): HourView[] {
  return Array.from({ length: 24 }, (_, at) => {
    const wave = Math.max(0, Math.sin((at - 3) / 4 + seed)) + (((at * 7 + seed * 13) % 5) / 9);
    return { changed: Math.round(wave * scale), failed: failed.includes(at) ? 2 : 0, checked: true };
  });
}

const LABELS: Record<ConnectionState, string> = {
  sign_in_needed: "Sign-in needed", stalled: "Stalled", needs_decision: "Needs a decision", setup_not_finished: "Setup not finished",
  initial_sync_required: "Initial sync required", running: "Running", ready_for_automatic_sync: "Ready for automatic sync",
};

/** The next step that goes with a state; a sign-in names its account besides. */
function nextOf(state: ConnectionState): NextStep {
  switch (state) {
    case "sign_in_needed": return { step: "sign_in", account: null };
    case "stalled": return { step: "see_why" };
    case "needs_decision": return { step: "decide" };
    case "setup_not_finished": return { step: "mend_mapping" };
    case "initial_sync_required": return { step: "preview_first_run" };
    case "running": return { step: "nothing" };
    case "ready_for_automatic_sync": return { step: "run" };
  }
}

type CardParts = Partial<ConnectionCard> & { id: number; name: string; state: ConnectionState; reason: string };

function card(parts: CardParts): ConnectionCard {
  const source = parts.source_side ?? side("servicenow", "Corvane");
  const target = parts.target_side ?? side("jira", "Corvane desk");
  const first = parts.first_run ?? false;
  return {
    source: source.account, target: target.account, source_side: source, target_side: target, flow: "both",
    state_label: LABELS[parts.state], next: nextOf(parts.state), automatic: false, interval_seconds: 300, running: false, types: ["Incident"],
    links: 0, conflicts: 0, quarantined: 0, pending: 0, last_run: null, first_run: first, next_ms: null, waiting_since_ms: null,
    hours: NO_HOURS,
    prerequisites: [
      { name: "First run finished", holds: !first, reason: first ? "No run of this connection has finished yet." : null, fix: null },
      { name: "Sign-in works on both sides", holds: parts.state !== "sign_in_needed", reason: null, fix: null },
      { name: "Mapping has no errors", holds: true, reason: null, fix: null },
    ],
    ...parts,
  };
}

export function run(parts: Partial<RunView> & { id: number; connection: string }): RunView {
  const started = parts.started_ms ?? stillNow - HOUR;
  return {
    kind: "automatic", trigger: "every 5 minutes", state: "done", result: "success", label: "Success", started_ms: started,
    ended_ms: started + 9_000, counts: counts({ read: 4 }), calls: 12, error: null, ...parts,
  };
}

export function practiceCard(): ConnectionCard {
  return card({
    id: 1, name: "Incidents", state: "initial_sync_required", reason: "No run has finished yet.", first_run: true,
    source_side: side("servicenow", "Practice ServiceNow", true), target_side: side("jira", "Practice Jira", true),
  });
}

const TITLES = [
  "VPN drops every few minutes in the Lyon office", "Label printer in hall 3 prints blank labels", "Payroll export stops with a timeout",
  "Badge reader at gate B refuses all cards", "Mailbox of the finance team is full", "Conference room 2.14 has no picture on the wall screen",
  "Web shop shows prices without tax", "New starter needs access to the archive", "Scanner offline in the post room",
];

function ticket(run: number, ordinal: number, outcome: OutcomeWord, parts: Partial<TicketView> = {}): TicketView {
  return {
    run, ordinal, source: `INC00100${20 + ordinal}`, target: `CSD-${31 + ordinal}`, title: TITLES[ordinal % TITLES.length] ?? "", outcome,
    label: outcome.charAt(0).toUpperCase() + outcome.slice(1), changes: [], done: [], troubles: [], notices: [], waits: null, ...parts,
  };
}

function change(field: string, before: string, after: string, reason: string, where: "source" | "target" = "target") {
  return { side: where, field, before, after, reason };
}

/** What a run of practice leaves behind: 24 created the first time, nothing to do after that. */
export function practiceRun(id: number, connection: ConnectionCard, first: boolean, now: number): { view: RunView; detail: RunPicture } {
  const made: TicketView[] = first
    ? Array.from({ length: 24 }, (_, at) => ticket(id, at, "created", {
      changes: [
        change("Summary", "", TITLES[at % TITLES.length] ?? "", "copied"), change("Priority", "", at % 3 === 0 ? "High" : "Medium", "Impact and Urgency"),
        change("Status", "", at % 4 === 0 ? "In Progress" : "To Do", "value pair"), change("Assignee", "", "Ines Alvarez", "same e-mail"),
      ],
      done: ["created by the template Incident", "1 comment copied, internal"],
    }))
    : [];
  const result: RunResult = first ? "success" : "nothing_to_do";
  const view = run({
    id, connection: connection.name, kind: "manual", trigger: "Run sync in the window", result, started_ms: now, ended_ms: now + 4_000,
    counts: first ? counts({ read: 51, planned: 24, done: 24, created: 24, comments: 19, files: 2 }) : counts({ read: 0 }), calls: first ? 96 : 6,
  });
  return { view, detail: detail(view, connection, made) };
}

function detail(view: RunView, connection: ConnectionCard, tickets: TicketView[]): RunPicture {
  const words: OutcomeWord[] = ["created", "updated", "closed", "failed", "skipped"];
  const outcomes = words.map((outcome) => ({ outcome, tickets: tickets.filter((each) => each.outcome === outcome).length }));
  const failedFirst = [...tickets.filter((each) => each.outcome === "failed"), ...tickets.filter((each) => each.outcome !== "failed")];
  return {
    run: view, source_side: connection.source_side, target_side: connection.target_side,
    outcomes: outcomes.filter((each) => each.tickets > 0), tickets: { tickets: failedFirst, next: null },
  };
}

export function ended(card: ConnectionCard, view: RunView): Partial<ConnectionCard> {
  return {
    last_run: view, first_run: false, state: "ready_for_automatic_sync", state_label: LABELS.ready_for_automatic_sync, next: { step: "run" },
    reason: `Last run: ${view.result === "success" ? `Success, ${view.counts.created} created.` : "Nothing to do."}`,
    links: card.links + view.counts.created, prerequisites: card.prerequisites.map((each) => ({ ...each, holds: true, reason: null })),
  };
}

export function progressSteps(id: number, card: ConnectionCard, first: boolean, now: number): RunProgress[] {
  const base: RunProgress = {
    run: id, connection: card.id, connection_name: card.name, started_ms: now, phase: "sign_in", counts: NO_COUNTS, waits: [], planning: false, since_ms: null, held: [], plan: null, tickets: [], result: null,
  };
  if (!first) return [base, { ...base, phase: "read" }, { ...base, phase: "confirm", result: "nothing_to_do" }];
  const read = counts({ read: 51, planned: 24 });
  const news = (done: number) => Array.from({ length: Math.min(8, done) }, (_, at) => ({
    at_ms: now + (done - at) * 100, source_key: `INC00100${20 + done - at}`, target_key: `CSD-${31 + done - at}`, outcome: "created" as const,
    title: TITLES[(done - at) % TITLES.length] ?? "", detail: "created by the template Incident",
  }));
  return [
    base, { ...base, phase: "read", counts: counts({ read: 51 }) }, { ...base, phase: "plan", counts: read },
    { ...base, phase: "write", counts: { ...read, done: 9, created: 9 }, tickets: news(9) },
    { ...base, phase: "write", counts: { ...read, done: 20, created: 20, comments: 15 }, tickets: news(20) },
    { ...base, phase: "confirm", counts: { ...read, done: 24, created: 24, comments: 19, files: 2 }, tickets: news(24), result: "success" },
  ];
}

function desk(): Pick<World, "connections" | "runs" | "details" | "working" | "plans"> {
  const at = (minutes: number) => stillNow - minutes * MINUTE;
  const runs = [
    run({ id: 2418, connection: "Dunmarrow incidents", started_ms: at(2), counts: counts({ read: 6, updated: 3, closed: 1 }) }),
    run({ id: 2417, connection: "Pellworth requests", started_ms: at(5), ended_ms: at(5) + 12_000, counts: counts({ read: 9, updated: 6 }) }),
    run({ id: 2416, connection: "Dunmarrow incidents", kind: "manual", trigger: "Run sync in the window", result: "partial", started_ms: at(7), ended_ms: at(7) + 41_000, calls: 96, counts: counts({ read: 131, planned: 29, done: 29, created: 5, updated: 19, closed: 3, failed: 2, skipped: 2, comments: 9, files: 2, conflicts: 1 }) }),
    ...[12, 17, 22, 27].map((minutes, place) => run({ id: 2415 - place, connection: "Dunmarrow incidents", result: "nothing_to_do", started_ms: at(minutes), ended_ms: at(minutes) + 2_000 })),
    run({ id: 2411, connection: "Quillmark support", started_ms: at(31), ended_ms: at(31) + 18_000, counts: counts({ read: 20, created: 2, updated: 12, closed: 1 }) }),
    run({ id: 2385, connection: "Fennick stores", result: "failed", started_ms: at(143), ended_ms: at(143) + 182_000, error: { code: "sign_in_needed", message: "Jira (Fennick Retail): the API token is refused", hint: "Make a new token and sign in again." } }),
    run({ id: 2236, connection: "Ostrel alerts", kind: "manual", trigger: "run on the command line", started_ms: at(291), ended_ms: at(291) + 110_000, counts: counts({ read: 212, created: 48 }) }),
    run({ id: 2102, connection: "Dunmarrow incidents", result: "cancelled", kind: "manual", trigger: "Run sync in the window", started_ms: at(1700), ended_ms: at(1700) + 9_000, counts: counts({ read: 14, updated: 2 }) }),
  ];
  const last = (id: number) => runs.find((each) => each.id === id) ?? null;
  const connections = [
    card({ id: 1, name: "Dunmarrow incidents", state: "running", reason: "Last run: Success, 3 updated, 1 closed.", automatic: true, next_ms: stillNow + 158_000, links: 1204, conflicts: 1, quarantined: 3, hours: hours(1, 26, [8, 19]), last_run: last(2418), source_side: side("servicenow", "Dunmarrow Water") }),
    card({ id: 2, name: "Fennick stores", state: "sign_in_needed", reason: "Jira refuses the API token since 11:42. 37 tickets wait, none is lost.", next: { step: "sign_in", account: "Fennick Retail" }, automatic: true, links: 388, pending: 37, waiting_since_ms: stillNow - 8_520_000, hours: hours(2, 11, [21, 22, 23]), last_run: last(2385), target_side: side("jira", "Fennick Retail") }),
    card({ id: 3, name: "Ostrel alerts", state: "ready_for_automatic_sync", reason: "Last run: Success, 48 created.", links: 48, flow: "to_target", hours: NO_HOURS.map((hour, place) => (place === 19 ? { changed: 48, failed: 0, checked: true } : hour)), last_run: last(2236), source_side: side("servicenow", "Ostrel Rail") }),
    card({ id: 4, name: "Pellworth requests", state: "needs_decision", reason: "2 fields were changed on both sides; the rest keeps syncing.", automatic: true, next_ms: stillNow + 214_000, links: 211, conflicts: 4, quarantined: 1, hours: hours(3, 14), last_run: last(2417), source_side: side("servicenow", "Pellworth Hospitals") }),
    card({ id: 5, name: "Quillmark support", state: "running", reason: "A run is at work.", automatic: true, running: true, links: 995, quarantined: 1, hours: hours(4, 18), last_run: last(2411), source_side: side("jira", "Quillmark Press"), target_side: side("servicenow", "Corvane") }),
    card({ id: 6, name: "Tarn Valley desk", state: "initial_sync_required", reason: "No run has finished yet.", first_run: true, source_side: side("servicenow", "Tarn Valley Council") }),
  ];
  const working: RunProgress[] = [
    {
      run: 2419, connection: 5, connection_name: "Quillmark support", started_ms: at(1), phase: "write", planning: false, since_ms: null, held: [], plan: null, result: null,
      counts: counts({ read: 131, planned: 118, done: 62, created: 9, updated: 44, closed: 7, failed: 2, skipped: 13, comments: 27, files: 6 }),
      waits: [{ host: "quillmark-press.example", since_ms: stillNow - 22_000, until_ms: stillNow + 38_000, reason: "rate limit" }],
      tickets: [
        ["updated", "CSD-1203", "Proof PDF opens blank in reader", "Status, 1 comment"], ["updated", "CSD-1202", "Order export misses two columns", "Status, Assignee"],
        ["failed", "CSD-1198", "Cannot upload cover scans", "Component is required and has no pair"], ["updated", "CSD-1197", "Reader app forgets last page", "Priority"],
        ["created", "CSD-1240", "Password mail arrives an hour late", "template Customer request"], ["closed", "CSD-1188", "Newsletter link returns an error", "Status, Resolution"],
      ].map(([outcome, key, title, detail], place) => ({ at_ms: stillNow - place * 700, source_key: `INC004031${8 - place}`, target_key: key ?? "", outcome: outcome as OutcomeWord, title: title ?? "", detail: detail ?? "" })),
    },
    { run: 2420, connection: 4, connection_name: "Pellworth requests", started_ms: at(0), phase: "read", counts: counts({ read: 64 }), waits: [], planning: false, since_ms: null, held: [], plan: null, tickets: [], result: null },
  ];
  const first = connections[0];
  const partial = last(2416);
  const details = new Map<number, RunPicture>();
  if (first && partial) details.set(2416, detail(partial, first, partialTickets()));
  for (const view of runs.filter((each) => each.id !== 2416)) {
    const connection = connections.find((each) => each.name === view.connection);
    if (connection) details.set(view.id, detail(view, connection, []));
  }
  return { connections, runs, details, working, plans: deskPlans(connections, stillNow) };
}

function partialTickets(): TicketView[] {
  const updated = (ordinal: number, changes: TicketView["changes"], parts: Partial<TicketView> = {}) => ticket(2416, ordinal, "updated", { changes, done: ["fields written"], ...parts });
  return [
    ticket(2416, 0, "failed", {
      title: "Remote site loses phone lines", source: "INC0048197", target: "CSD-1179",
      changes: [change("Status", "In progress", "Resolved", "value pair"), change("Priority", "Medium", "High", "Impact and Urgency"), change("Assigned team", "Field", "Network", "value pair"), change("Due date", "", "14 May 2026", "copied")],
      troubles: [{ doing: "status", message: "Resolution is required.", cause: "The transition Resolve asks for Resolution; the pair Resolved ⇄ Resolved does not set it.", remedy: "Set Resolution for this pair, then run again." }],
      done: ["Priority, Assigned team and Due date written", "1 comment copied, internal"],
    }),
    ticket(2416, 1, "failed", { title: "Badge photos missing in directory", source: "INC0048176", target: "CSD-1165", changes: [change("Assigned team", "Service desk", "Security", "value pair")], notices: [{ message: "Assigned team: the value Security (old) has no pair, and the rule says stop and ask", remedy: "Pair it in the mapping, or say what everything else becomes.", needs_person: true }] }),
    ...["Meter app crashes on upload", "New starter needs radio profile", "Certificate renewal on gateway 2"].map((title, at) => ticket(2416, 2 + at, "created", { title, source: `INC00482${19 - at}`, target: `CSD-${1231 - at}`, changes: [change("Summary", "", title, "copied"), change("Priority", "", "High", "Impact and Urgency"), change("Status", "", "To Do", "value pair"), change("Reporter", "", "Tomas Lind", "same e-mail")], done: ["created by the template Operations incident", "1 file copied, 214 KB"] })),
    updated(5, [change("Urgency", "Low", "High", "copied")], { title: "Pump telemetry late at North weir", source: "INC0048213", target: "CSD-1187" }),
    updated(6, [change("State", "New", "In Progress", "value pair", "source")], { title: "Scanner offline in post room", source: "INC0048210", target: "CSD-1185" }),
    updated(7, [change("Assigned team", "Field", "Network", "value pair")], { title: "VPN drops every 20 minutes", source: "INC0048207", target: "CSD-1182" }),
    updated(8, [change("Summary", "Map layer shows old valves", "Map layer shows old valve ids", "copied"), change("Assignee", "", "Ines Alvarez", "same e-mail", "source")], { title: "Map layer shows old valve ids", source: "INC0048203", target: "CSD-1181" }),
    ticket(2416, 9, "closed", { title: "Replace UPS battery, control hut 6", source: "INC0048142", target: "CSD-1139", changes: [change("Status", "Resolved", "Closed", "value pair")] }),
    ticket(2416, 10, "closed", { title: "Mail rule moves alarms to junk", source: "INC0048139", target: "CSD-1136", changes: [change("Status", "Resolved", "Closed", "value pair")] }),
    ticket(2416, 11, "skipped", { title: "SCADA login prompts repeat", source: "INC0048188", target: "CSD-1174", notices: [{ message: "Due date changed on both sides and waits for a decision", remedy: null, needs_person: false }] }),
    ticket(2416, 12, "skipped", { title: "Private ticket", source: "INC0048120", target: null, notices: [{ message: "private tickets are not synced, the title was not read", remedy: null, needs_person: false }] }),
  ];
}

/** Worlds by name, for pictures. */
export function script(show: string): Partial<World> {
  const keychain = { code: "keychain", hint: "Install gnome-keyring, KWallet or KeePassXC with the Secret Service switched on, then try again." };
  switch (show) {
    case "full":
      return { ...everything(desk()), editor: editorDesk(stillNow), trying: buildTrying(stillNow) };
    case "build":
      return { ...everything(desk()), editor: buildEditor(stillNow), trying: buildTrying(stillNow) };
    case "large":
      return { ...everything(desk()), editor: editorLarge(stillNow) };
    case "calm": {
      const { connections, runs, details, plans } = desk();
      const calm = connections.filter((each) => each.state === "running" || each.state === "ready_for_automatic_sync").map((each) => ({ ...each, running: false, reason: each.running ? "Last run: Success, 2 created, 12 updated." : each.reason }));
      return { connections: calm, runs, details, plans, ...accountWorld(), editor: editorDesk(stillNow), trying: buildTrying(stillNow) };
    }
    case "practice":
      return { connections: [practiceCard()] };
    case "locked":
      return { trouble: { kind: "keychain_locked", error: { ...keychain, message: "the keychain is locked", hint: "Unlock it with your login password, then try again." } } };
    case "absent":
      return { trouble: { kind: "keychain_absent", error: { ...keychain, message: "no service answers on the session bus as org.freedesktop.secrets" } } };
    case "broken":
      return { connections: [practiceCard()], failing: { list_connections: { code: "store", message: "the store is busy: another Lockstep keeps it", hint: "Close the other Lockstep, then try again." } } };
    default:
      return {};
  }
}

/** A desk with its accounts, conflicts, quarantine and links. */
function everything(desk: Partial<World> & Pick<World, "connections">): Partial<World> {
  return { ...desk, ...accountWorld(), ...ticketWorld(desk.connections, stillNow) };
}
