// The made-up conflicts, quarantine, links and explanations. Companies and people are invented.
import type { ConflictView } from "./generated/ConflictView";
import type { ConnectionCard } from "./generated/ConnectionCard";
import type { ExplanationPicture } from "./generated/ExplanationPicture";
import type { LinkView } from "./generated/LinkView";
import type { QuarantineGroup } from "./generated/QuarantineGroup";
import type { QuarantineView } from "./generated/QuarantineView";
import type { Step } from "./generated/Step";
import type { TicketWorld } from "./memory-tickets";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

function conflict(parts: Partial<ConflictView> & Pick<ConflictView, "id" | "connection" | "source_ticket" | "target_ticket" | "field" | "source" | "target" | "found_ms">): ConflictView {
  const { source, target } = parts;
  return { agreed_source: "", agreed_target: parts.agreed_source ?? "", target_would_be: source, source_would_be: target, decided: null, mark: `mark${parts.id}`, ...parts };
}

export function conflicts(now: number): ConflictView[] {
  const laptop = { connection: "Pellworth requests", source_ticket: "RITM0031907", target_ticket: "CSD-1102", found_ms: now - 78 * MINUTE };
  const archive = { connection: "Pellworth requests", source_ticket: "RITM0031911", target_ticket: "CSD-1105", found_ms: now - 45 * MINUTE };
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

export function links(connections: ConnectionCard[], now: number): LinkView[] {
  const many = Array.from({ length: 1150 }, (_, at): LinkView => {
    const connection = connections[at % Math.min(2, connections.length)]?.name ?? "Incidents";
    const state = at % 97 === 9 ? "not_visible" : at % 61 === 5 ? "parked" : "live";
    const reason = { not_visible: "Jira answers 404 since 11 May", parked: "waits for its mapping", live: "" }[state];
    return {
      id: at + 1, connection, type_mapping: "Incident", source: `INC00${48213 - at}`, target: `CSD-${1187 + ((at * 7) % 1150)}`, state, reason,
      linked_ms: now - 20 * MINUTE - at * 0.11 * DAY,
    };
  });
  return many;
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
