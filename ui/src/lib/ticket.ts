// A ticket of a run or a plan in one line, and where it was written.
import type { OperationView } from "../api/generated/OperationView";
import type { PlanRowView } from "../api/generated/PlanRowView";
import type { TicketView } from "../api/generated/TicketView";
import { plural } from "./format";

export type Written = "source" | "target" | "both" | null;

function sidesOf(sides: string[]): Written {
  const named = new Set(sides);
  if (named.size > 1) return "both";
  const [side] = named;
  return side === "source" || side === "target" ? side : null;
}

export function written(ticket: TicketView): Written {
  return sidesOf(ticket.changes.map((change) => change.side));
}

export function planned(row: PlanRowView): Written {
  return sidesOf(row.operations.map((operation) => operation.side));
}

/** What went wrong, else why it waits, else what changed. */
export function summary(ticket: TicketView): string {
  const [trouble] = ticket.troubles;
  if (trouble) return trouble.message;
  const needing = ticket.notices.find((notice) => notice.needs_person);
  if (needing) return needing.message;
  if (ticket.waits !== null) return ticket.waits;
  if (ticket.changes.length > 0) return changed(ticket);
  return ticket.done[0] ?? ticket.notices[0]?.message ?? "Both sides agree";
}

function changed(ticket: TicketView): string {
  const { changes } = ticket;
  if (ticket.outcome === "created") return plural(changes.length, "field");
  const [only] = changes;
  if (only && changes.length === 1 && (only.before + only.after).length <= 48) {
    return `${only.field}: ${only.before === "" ? "empty" : only.before} → ${only.after === "" ? "empty" : only.after}`;
  }
  return names(changes.map((change) => change.field));
}

/** What a row of a plan would write. */
export function plannedSummary(row: PlanRowView): string {
  return names(row.operations.flatMap(told));
}

function told(operation: OperationView): string[] {
  if (operation.kind === "create") return [plural(operation.changes.length, "field")];
  return operation.changes.length > 0 ? operation.changes.map((change) => change.field) : [operation.what];
}

function names(all: string[]): string {
  const once = [...new Set(all)];
  return once.length > 4 ? `${once.slice(0, 3).join(", ")} and ${once.length - 3} more` : once.join(", ");
}
