// The made-up conflicts, quarantine, links and explanations. Companies and people are invented.
import type { ConflictView } from "./generated/ConflictView";
import type { ConnectionCard } from "./generated/ConnectionCard";
import type { ExplanationPicture } from "./generated/ExplanationPicture";
import type { LinkDetail } from "./generated/LinkDetail";
import type { LinkPreview } from "./generated/LinkPreview";
import type { LinkTickets } from "./generated/LinkTickets";
import type { LinkView } from "./generated/LinkView";
import type { OperationView } from "./generated/OperationView";
import type { QuarantineGroup } from "./generated/QuarantineGroup";
import type { QuarantineView } from "./generated/QuarantineView";
import type { Skip } from "./generated/Skip";
import type { Step } from "./generated/Step";
import type { TicketView } from "./generated/TicketView";
import type { TicketWorld } from "./memory-tickets";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

function conflict(parts: Partial<ConflictView> & Pick<ConflictView, "id" | "connection" | "source_ticket" | "target_ticket" | "field" | "source" | "target" | "found_ms">): ConflictView {
  const { source, target } = parts;
  return {
    agreed_source: "", agreed_target: parts.agreed_source ?? "", target_would_be: source, source_would_be: target, decided: null, mark: `mark${parts.id}`,
    source_title: "", target_title: "", type_mapping: "Incident", mapping: `row${parts.id}=row${parts.id}`, on_conflict: "ask",
    source_changed_ms: parts.found_ms - 4 * MINUTE, target_changed_ms: parts.found_ms - 2 * MINUTE, ...parts,
  };
}

export function conflicts(now: number): ConflictView[] {
  const laptop = { connection: "Pellworth requests", source_ticket: "RITM0031907", target_ticket: "CSD-1102", source_title: "Laptop and dock for ward 7 reception", target_title: "Laptop for ward 7 (loan until stock arrives)", found_ms: now - 78 * MINUTE };
  const archive = { connection: "Pellworth requests", source_ticket: "RITM0031911", target_ticket: "CSD-1105", source_title: "Archive viewer for radiology", target_title: "Archive viewer for radiology", found_ms: now - 45 * MINUTE };
  return [
    conflict({ ...laptop, id: 11, field: "Short description", agreed_source: "Laptop for ward 7", source: "Laptop and dock for ward 7 reception", target: "Laptop for ward 7 (loan until stock arrives)" }),
    conflict({ ...laptop, id: 12, field: "Due date", agreed_source: "15 May 2026", source: "13 May 2026", target: "19 May 2026" }),
    conflict({
      ...laptop, id: 13, field: "Delivery notes", agreed_source: "Deliver before 10:00. Ring the ward bell.",
      source: "Deliver before 10:00. Ring the ward bell. Use the staff lift.", target: "Asset tag on the lid. Deliver before 10:00. Ring the ward bell.",
    }),
    conflict({ ...archive, id: 14, field: "Assignment group", agreed_source: "Imaging", agreed_target: "Imaging team", source: "Radiology IT", target: "Storage", target_would_be: "Radiology", source_would_be: null }),
    conflict({ connection: "Dunmarrow incidents", source_ticket: "INC0048188", target_ticket: "CSD-1174", id: 15, field: "State", agreed_source: "New", agreed_target: "To Do", source: "On Hold", target: "In Progress", target_would_be: "Pending vendor", source_would_be: "In Progress", found_ms: now - 8 * MINUTE }),
    conflict({ connection: "Pellworth requests", source_ticket: "RITM0031874", target_ticket: "CSD-1088", id: 16, field: "Due date", agreed_source: "11 May 2026", source: "", target: "14 May 2026", found_ms: now - 140 * MINUTE, decided: "target" }),
  ];
}

export function quarantine(now: number): QuarantineGroup[] {
  const ticket = (id: number, connection: string, key: string, partner: string | null, title: string, minutes: number, tries: number, run: number): QuarantineView => ({
    id, connection, ticket: key, title, linked: partner !== null, partner, type_mapping: "Incident", side: key.startsWith("CSD") ? "target" : "source",
    doing: partner === null ? "create" : "status", since_ms: now - minutes * MINUTE, tries, run,
  });
  return [
    {
      message: "Resolution is required.", cause: "The transition Resolve asks for Resolution; the pair Resolved ⇄ Resolved does not set it.", remedy: "Set Resolution for this pair in the mapping, then retry.",
      tickets: [
        ticket(1, "Dunmarrow incidents", "CSD-1179", "INC0048197", "Remote site loses phone lines", 7, 3, 2416),
        ticket(2, "Dunmarrow incidents", "CSD-1161", "INC0048150", "Scanner queue stuck at depot 4", 96, 3, 2416),
        ticket(3, "Dunmarrow incidents", "CSD-1158", "INC0048146", "Badge reader refuses night shift", 214, 3, 2416),
        ticket(4, "Quillmark support", "INC0040302", "QS-902", "Print previews come out blank", 260, 4, 2411),
      ],
    },
    {
      message: "Component is required", cause: "The project asks for Component on every new issue, and nothing supplies it.", remedy: "Set a fixed value for Component in the template.",
      tickets: [ticket(5, "Pellworth requests", "RITM0031920", null, "Second monitor for the theatre desk", 31, 1, 2417)],
    },
  ];
}

/** What skipping gives up. */
export function skipOf(ticket: QuarantineView): Skip {
  const side = ticket.side === "source" ? "target" : "source";
  const given: OperationView = ticket.linked
    ? { kind: "status", side, what: "status", reason: "the other side changed it", customer_sees: false, changes: [{ side, field: "Status", before: "In Progress", after: "Resolved", reason: "the other side changed it" }] }
    : { kind: "create", side, what: "new ticket", reason: "it has no counterpart yet", customer_sees: false, changes: [{ side, field: "Summary", before: "", after: ticket.title, reason: "" }] };
  return { ticket: ticket.ticket, given_up: [given], mark: `skip${ticket.id}`, done: false };
}

export function linkView(parts: Partial<LinkView> & Pick<LinkView, "id" | "source" | "target">): LinkView {
  return {
    connection: "Dunmarrow incidents", type_mapping: "Incident", source_title: "", target_title: "", state: "in_step", reason: "", linked_by: "created", linked_ms: 1,
    synced_ms: 1, relink_until_ms: null, ...parts,
  };
}

const TITLES = ["Pump telemetry late at North weir", "Badge reader refuses night shift", "Scanner queue stuck at depot 4", "Remote site loses phone lines", "Print previews come out blank"];
const REASONS: Record<string, string> = {
  in_step: "", waiting: "it waits for the index of Jira", conflict: "changed on both sides: Due date", quarantined: "Resolution is required.",
  parked: "CSD-1192 has left its project", not_visible: "Jira answers 404 since 11 May", ended: "unlinked by a person",
};

function stateAt(at: number): string {
  if (at % 97 === 9) return "not_visible";
  if (at % 61 === 5) return ["parked", "conflict", "quarantined", "waiting"][Math.floor(at / 61) % 4] ?? "parked";
  return at === 40 ? "ended" : "in_step";
}

export function links(connections: ConnectionCard[], now: number): LinkView[] {
  return Array.from({ length: 1151 }, (_, at): LinkView => {
    const [state, title] = [stateAt(at), TITLES[at % TITLES.length] ?? ""];
    const linked = now - 20 * MINUTE - at * 0.11 * DAY;
    return linkView({
      id: at + 1, connection: connections[at % Math.min(2, connections.length)]?.name ?? "Incidents", source: `INC00${48213 - at}`, target: `CSD-${1187 + ((at * 7) % 1151)}`,
      source_title: title, target_title: at % 11 === 3 ? `${title} (copy)` : title, state, reason: REASONS[state] ?? "", linked_by: at % 5 === 2 ? "matched" : at % 23 === 7 ? "person" : "created",
      linked_ms: linked, synced_ms: Math.max(linked, now - 7 * MINUTE - (at % 40) * 31 * MINUTE), relink_until_ms: state === "ended" ? now + 25 * DAY : null,
    });
  });
}

/** What one link has behind it. */
export function linkDetail(link: LinkView): LinkDetail {
  const ticket = (run: number, outcome: string, label: string, done: string[]): TicketView => ({
    run, ordinal: 0, source: link.source, target: link.target, title: link.source_title, outcome, label, changes: [], done, troubles: [], notices: [], waits: null,
  });
  const change = { side: "target", field: "Status", before: "To Do", after: "In Progress", reason: "ServiceNow changed it" };
  return {
    link,
    history: [
      { at_ms: link.synced_ms, ticket: { ...ticket(2417, "updated", "Updated", ["comment, public"]), changes: [change] } },
      { at_ms: link.linked_ms, ticket: ticket(2391, "created", "Created", []) },
    ],
    copies: [
      { kind: "comment", side: "source", id: "8f2c41", copy: "20014", state: "copied", edited_ms: link.synced_ms, public: true },
      { kind: "comment", side: "target", id: "20010", copy: null, state: "kept", edited_ms: link.linked_ms, public: false },
      { kind: "file", side: "source", id: "a91f", copy: "10077", state: "copied", edited_ms: link.linked_ms, public: null },
    ],
    writes: [
      { id: 902, sent_ms: link.synced_ms, kind: "comment", side: "target", state: "done", error: null, run: 2417 },
      { id: 901, sent_ms: link.synced_ms, kind: "status", side: "target", state: "done", error: null, run: 2417 },
      { id: 640, sent_ms: link.linked_ms, kind: "create", side: "target", state: "done", error: null, run: 2391 },
    ],
  };
}

/** What linking two would come to: three fields, of which the last differs. */
export function linkPreview(order: LinkTickets, known: LinkView[]): LinkPreview {
  const held = (key: string) => known.find((one) => one.state !== "ended" && (one.source === key || one.target === key)) ?? null;
  const to = { keep: null, target_like_source: "target", source_like_target: "source" }[order.fields];
  const [here, there] = to === "source" ? ["In Progress", "On Hold"] : ["On Hold", "In Progress"];
  const change = { side: to ?? "", field: to === "source" ? "State" : "Status", before: there, after: here, reason: "the two are linked" };
  return {
    type_mapping: order.type_mapping ?? "Incident",
    source: { key: order.source, title: "Pump telemetry late at North weir", linked: held(order.source), refusal: null },
    target: { key: order.target, title: "Pump telemetry late at North weir", linked: held(order.target), refusal: null },
    rows: [
      { source_label: "Short description", target_label: "Summary", source: "Pump telemetry late at North weir", target: "Pump telemetry late at North weir", equal: true },
      { source_label: "Description", target_label: "Description", source: "Values arrive an hour late.", target: "", equal: null },
      { source_label: "State", target_label: "Status", source: "On Hold", target: "In Progress", equal: false },
    ],
    content: [
      { kind: "comment", side: "source", id: "8f2c41", author: "Mia Okafor", at_ms: 1_778_000_000_000, text: "The gateway was restarted.", public: true, there_too: true },
      { kind: "comment", side: "target", id: "20014", author: "Jon Reyes", at_ms: 1_778_000_400_000, text: "The gateway was restarted.", public: true, there_too: true },
      { kind: "file", side: "source", id: "a91f", author: "Mia Okafor", at_ms: 1_778_000_500_000, text: "trace.log", public: null, there_too: false },
    ],
    writes: to === null ? [] : [{ kind: "status", side: to, what: "status", reason: "the two are linked", customer_sees: false, changes: [change] }],
    notices: [],
  };
}

function step(name: string, answer: Step["answer"], detail: string, fix: string | null = null): Step {
  return { name, answer, detail, fix };
}

export function explanations(connections: ConnectionCard[]): Record<string, ExplanationPicture> {
  const [card] = connections;
  if (card === undefined) return {};
  const picture = (ticket: string, title: string, side: "source" | "target", partner: string | null, steps: Step[], verdict: string): ExplanationPicture => ({
    explanation: { connection: card.name, type_mapping: "Incident", ticket, title, side, partner, steps, verdict, last: [] }, source_side: card.source_side, target_side: card.target_side,
  });
  const parked = picture("CSD-1179", "Remote site loses phone lines", "target", "INC0048197", [
    step("Visible", "yes", "Jira shows it to lockstep.sync"), step("Linked", "yes", "INC0048197 → CSD-1179, since 3 May"), step("Link is live", "yes", "it takes part in runs"),
    step("Not in quarantine", "no", "Resolution is required, tried 3 times since 13:58", "Set Resolution for the pair Resolved ⇄ Resolved, then retry"), step("Nothing waits", "not_reached", "not asked"),
  ], "it is in quarantine until its status can be written");
  const outside = picture("INC0048120", "Heating in the archive room", "source", null, [
    step("Visible", "yes", "ServiceNow shows it to lockstep.sync"), step("Side", "yes", "new tickets of ServiceNow are copied"), step("Not private", "yes", "it may leave its side"),
    step("Filter", "no", "Assignment group is Facilities, needs Corvane network", "Change the filter of the connection, or the group of the ticket"), step("Template", "not_reached", "not asked"),
  ], "the filter keeps it out");
  const synced = picture("INC0048213", "Pump telemetry late at North weir", "source", "CSD-1187", [
    step("Visible", "yes", "ServiceNow shows it to lockstep.sync"), step("Linked", "yes", "INC0048213 → CSD-1187, since 12 May"), step("Link is live", "yes", "it takes part in runs"),
    step("Not in quarantine", "yes", "nothing failed for good"), step("Nothing waits", "yes", "every change that was seen is dealt with"),
  ], "it is in step with CSD-1187");
  return { "CSD-1179": parked, INC0048120: outside, INC0048213: synced };
}

export function ticketWorld(connections: ConnectionCard[], now: number): TicketWorld {
  return { conflicts: conflicts(now), quarantine: quarantine(now), links: links(connections, now), explanations: explanations(connections) };
}
