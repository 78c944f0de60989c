// A run as text or as a table for a spreadsheet: one line a change, with what went wrong.
import type { RunView } from "../../api/generated/RunView";
import type { TicketView } from "../../api/generated/TicketView";
import { csv } from "../../lib/csv";
import { summary, written } from "../../lib/ticket";
import { outcomeMark, resultMark, ticketPair } from "../../lib/words";

export function asText(run: RunView, tickets: TicketView[]): string {
  const lines = [`Run ${run.id} of ${run.connection}: ${resultMark(run.result).label}`, `Started ${new Date(run.started_ms).toISOString()}`, ""];
  for (const ticket of tickets) {
    lines.push(`${outcomeMark(ticket.outcome).label}  ${ticketPair(ticket.source, ticket.target, written(ticket))}  ${ticket.title}  ${summary(ticket)}`);
    for (const change of ticket.changes) lines.push(`  ${change.field}: ${change.before === "" ? "empty" : change.before} → ${change.after === "" ? "empty" : change.after}  (${change.reason})`);
    for (const trouble of ticket.troubles) lines.push(`  ${[trouble.message, trouble.cause, trouble.remedy].filter(Boolean).join(" ")}`);
    for (const step of ticket.done) lines.push(`  ${step}`);
  }
  return lines.join("\n");
}

export function asCsv(run: RunView, tickets: TicketView[]): string {
  const head = ["Run", "Outcome", "Source", "Target", "Title", "Written to", "Field", "Was", "Now", "Reason", "What happened"];
  const body = tickets.flatMap((ticket) => {
    const start = [String(run.id), outcomeMark(ticket.outcome).label, ticket.source ?? "", ticket.target ?? "", ticket.title];
    const happened = [...ticket.troubles.map((trouble) => trouble.message), ...ticket.done, ...ticket.notices.map((notice) => notice.message)].join("; ");
    const changes = ticket.changes.map((change) => [...start, change.side, change.field, change.before, change.after, change.reason, happened]);
    return changes.length > 0 ? changes : [[...start, "", "", "", "", "", happened]];
  });
  return csv([head, ...body]);
}
