// The tickets of a run on the left, the chosen one on the right. The list is one Tab stop; arrows and J K move in it.
import { useEffect, useRef, useState } from "react";
import type { OutcomeWord } from "../../api/generated/OutcomeWord";
import type { RunPicture } from "../../api/generated/RunPicture";
import type { TicketView } from "../../api/generated/TicketView";
import { asApiError, useTransport } from "../../api/transport";
import { Icon } from "../../components/icons";
import { Button } from "../../components/kit";
import { Empty } from "../../components/shapes";
import { useKeys } from "../../lib/keys";
import { summary, written } from "../../lib/ticket";
import { OUTCOMES, outcomeMark, resultMark, ticketPair } from "../../lib/words";
import { TicketDetail } from "./ticket";

interface PanesProps {
  detail: RunPicture;
  outcome: OutcomeWord | null;
  all: number;
}

export function TicketPanes({ detail, outcome, all }: PanesProps) {
  const transport = useTransport();
  const [more, setMore] = useState<TicketView[]>([]);
  const [further, setFurther] = useState(detail.tickets.next);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const tickets = [...detail.tickets.tickets, ...more];
  const chosen = tickets[Math.min(at, tickets.length - 1)] ?? null;

  const load = async () => {
    if (further === null) return;
    try {
      const page = await transport.call("run_tickets", { run: detail.run.id, outcome, from: further });
      setMore((had) => [...had, ...page.tickets]);
      setFurther(page.next);
      setTrouble(null);
    } catch (thrown) {
      setTrouble(asApiError(thrown).message);
    }
  };
  const move = (by: number) => setAt((now) => Math.max(0, Math.min(tickets.length - 1, now + by)));
  const keys = (event: React.KeyboardEvent) => {
    const step: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -tickets.length, End: tickets.length };
    const by = step[event.key];
    if (by === undefined) return;
    event.preventDefault();
    move(by);
  };
  useKeys([
    [{ key: "j" }, () => move(1)],
    [{ key: "k" }, () => move(-1)],
  ]);
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [at]);

  if (tickets.length === 0) return <NoTickets detail={detail} outcome={outcome} all={all} />;
  return (
    <div className="panes">
      <section className="pane-list" aria-label="Tickets of this run">
        <ul
          ref={list} role="listbox" aria-label="Tickets" tabIndex={0} onKeyDown={keys}
          aria-activedescendant={chosen === null ? undefined : `ticket-${chosen.ordinal}`}
        >
          {tickets.map((ticket, place) => (
            <Row key={ticket.ordinal} ticket={ticket} selected={ticket === chosen} choose={() => setAt(place)} place={place} all={tickets.length} />
          ))}
        </ul>
        {further !== null && <div className="pane-more"><Button kind="quiet" onClick={() => void load()}>Show more tickets</Button></div>}
        {trouble !== null && <p className="pane-more tone-bad" role="alert">{trouble}</p>}
      </section>
      {chosen !== null && <TicketDetail key={chosen.ordinal} ticket={chosen} source={detail.source_side} target={detail.target_side} />}
    </div>
  );
}

interface RowProps {
  ticket: TicketView;
  selected: boolean;
  choose: () => void;
  place: number;
  all: number;
}

function Row({ ticket, selected, choose, place, all }: RowProps) {
  const mark = outcomeMark(ticket.outcome);
  return (
    <li
      role="option" id={`ticket-${ticket.ordinal}`} aria-selected={selected} aria-posinset={place + 1} aria-setsize={all}
      className="ticket-row" onClick={choose}
    >
      <span className={`ticket-outcome tone-${mark.tone}`}><Icon name={mark.icon} />{mark.label}</span>
      <span className="ticket-text">
        <span className="cut">{ticket.title}</span>
        <span className={`ticket-summary cut${ticket.outcome === "failed" ? " tone-bad" : ""}`}>{summary(ticket)}</span>
      </span>
      <span className="ticket-keys whole">{ticketPair(ticket.source, ticket.target, written(ticket))}</span>
    </li>
  );
}

function NoTickets({ detail, outcome, all }: PanesProps) {
  const { run } = detail;
  if (outcome !== null) return <Empty title={`No ticket was ${OUTCOMES[outcome].label.toLowerCase()}`}>{all === 1 ? "The other ticket ended otherwise." : `The other ${all} tickets ended otherwise.`}</Empty>;
  if (run.result === null) return <Empty title="No ticket yet">The run is at work; its tickets appear here as they are dealt with.</Empty>;
  if (run.result === "nothing_to_do") {
    return <Empty title="Nothing to do">Both sides agree: {run.counts.read === 0 ? "no ticket changed since the last run" : `${run.counts.read} tickets were looked at, none differs`}.</Empty>;
  }
  return <Empty title="No details">The run ended as {resultMark(run.result).label}. Details of tickets are kept 90 days, counts for ever.</Empty>;
}
