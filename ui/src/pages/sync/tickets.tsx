// The last tickets of a run at work, newest first.
import type { RunProgress } from "../../api/generated/RunProgress";
import { Pill } from "../../components/kit";
import { Moment } from "../../components/shapes";
import { clockSeconds } from "../../lib/format";
import { OUTCOMES, ticketPair } from "../../lib/words";

/** The first letter large, as in a list; no full stop. */
function clause(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function Tickets({ run }: { run: RunProgress }) {
  if (run.tickets.length === 0) return null;
  return (
    <div className="tickets-frame">
      <table className="tickets" aria-label="Last tickets">
        <colgroup><col className="col-time" /><col className="col-outcome" /><col className="col-keys" /><col /><col className="col-detail" /></colgroup>
        <thead className="hidden-text"><tr><th>Time</th><th>Outcome</th><th>Tickets</th><th>Title</th><th>What</th></tr></thead>
        <tbody>
          {run.tickets.map((ticket) => {
            const mark = OUTCOMES[ticket.outcome];
            const failed = ticket.outcome === "failed";
            return (
              <tr key={`${ticket.at_ms} ${ticket.source_key ?? ""} ${ticket.target_key ?? ""} ${ticket.title}`} className={failed ? "tone-bad" : ""}>
                <td className="tickets-time"><Moment ms={ticket.at_ms}>{clockSeconds(ticket.at_ms)}</Moment></td>
                <td><Pill tone={failed ? "bad" : "plain"} outlined>{mark.label}</Pill></td>
                <td className="whole">{ticketPair(ticket.source_key, ticket.target_key, null)}</td>
                <td className="cut">{ticket.title}</td>
                <td className="tickets-detail cut" title={ticket.detail}>{clause(ticket.detail)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
