// The tickets of a run on the left, the chosen one on the right. The list is one Tab stop; arrows and J K move in it.
import { useCallback, useMemo, useState } from "react";
import type { OutcomeWord } from "../../api/generated/OutcomeWord";
import type { RunPicture } from "../../api/generated/RunPicture";
import type { TicketView } from "../../api/generated/TicketView";
import { useQuery } from "../../api/query";
import { holds } from "../../components/find-box";
import { Icon } from "../../components/icons";
import { Button } from "../../components/kit";
import { Empty, sentence } from "../../components/shapes";
import { Virtual } from "../../components/virtual";
import { count, plural } from "../../lib/format";
import { useKeys } from "../../lib/keys";
import { go } from "../../lib/route";
import { summary, written } from "../../lib/ticket";
import { OUTCOMES, outcomeMark, resultMark, ticketPair } from "../../lib/words";
import { type Retry, TicketDetail } from "./ticket";
import type { Tickets } from "./tickets";

/** As run.css has it. */
const ROW_HEIGHT = 50;
const PAGE = 10;
const EVERYTHING = {};

interface PanesProps {
  detail: RunPicture;
  search: string;
  outcome: OutcomeWord | null;
  all: number;
  list: Tickets;
  connection: number | null;
  working: boolean;
  retry: Retry;
}

export function TicketPanes({ detail, search, outcome, all, list, connection, working, retry }: PanesProps) {
  const tickets = useMemo(() => list.tickets.filter((ticket) => holds(search, ticket.source, ticket.target, ticket.title)), [list.tickets, search]);
  const [scroller, setScroller] = useState<HTMLElement | null>(null);
  const [chosen, setChosen] = useState<{ ordinal: number; at: number } | null>(null);
  // A list that grows keeps the ticket that is looked at; without one the first is shown.
  const known = chosen === null ? 0 : tickets.findIndex((ticket) => ticket.ordinal === chosen.ordinal);
  const at = known >= 0 ? known : Math.min(chosen?.at ?? 0, tickets.length - 1);
  const ticket = tickets[at] ?? null;

  const choose = (place: number) => {
    const next = Math.max(0, Math.min(tickets.length - 1, place));
    const found = tickets[next];
    if (found !== undefined) setChosen({ ordinal: found.ordinal, at: next });
  };
  const keys = (event: React.KeyboardEvent) => {
    const to: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + PAGE, PageUp: at - PAGE, Home: 0, End: tickets.length - 1 };
    const next = to[event.key];
    if (next === undefined) return;
    event.preventDefault();
    choose(next);
  };
  useKeys([
    [{ key: "j" }, () => choose(at + 1)],
    [{ key: "k" }, () => choose(at - 1)],
  ]);
  const size = useCallback(() => ROW_HEIGHT, []);
  const keyOf = useCallback((place: number) => tickets[place]?.ordinal ?? place, [tickets]);

  if (tickets.length === 0 && list.tickets.length > 0) return <Empty title="No ticket is like that">Nothing in this run is called “{search.trim()}”.</Empty>;
  if (tickets.length === 0) return <NoTickets detail={detail} outcome={outcome} all={all} connection={connection} working={working} />;
  return (
    <div className="panes">
      <section className="pane-list" aria-label="Tickets of this run" data-pane>
        <div className="pane-scroll" ref={setScroller} data-scrolls>
          <div role="listbox" aria-label="Tickets" tabIndex={0} onKeyDown={keys} aria-activedescendant={ticket === null ? undefined : `ticket-${ticket.ordinal}`}>
            <Virtual
              scroller={scroller} count={tickets.length} size={size} keyOf={keyOf} at={at}
              draw={(place) => {
                const drawn = tickets[place];
                return drawn === undefined ? null : <Row ticket={drawn} selected={place === at} choose={() => choose(place)} place={place} all={search.trim() === "" ? list.all : tickets.length} />;
              }}
            />
          </div>
        </div>
        {list.error !== null
          ? <p className="pane-more tone-bad" role="alert">{sentence(list.error.message)} <Button size="small" onClick={list.again}>Try again</Button></p>
          : !list.complete && <p className="pane-more" role="status">Reading the tickets, {count(tickets.length)} of {count(list.all)}</p>}
        {working && <p className="pane-more" role="status">The run is still at work. Tickets appear here as they are dealt with.</p>}
      </section>
      {ticket !== null && <TicketDetail key={ticket.ordinal} ticket={ticket} source={detail.source_side} target={detail.target_side} of={detail.run.connection} connection={connection} retry={retry} />}
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
    <div
      role="option" id={`ticket-${ticket.ordinal}`} aria-selected={selected} aria-posinset={place + 1} aria-setsize={all}
      className="ticket-row" onClick={choose}
    >
      <span className={`ticket-outcome tone-${mark.tone}`}><Icon name={mark.icon} />{mark.label}</span>
      <span className="ticket-text">
        <span className="cut">{ticket.title}</span>
        <span className={`ticket-summary cut${ticket.outcome === "failed" ? " tone-bad" : ""}`}>{summary(ticket)}</span>
      </span>
      <span className="ticket-keys whole">{ticketPair(ticket.source, ticket.target, written(ticket))}</span>
    </div>
  );
}

function NoTickets({ detail, outcome, all, connection, working }: Pick<PanesProps, "detail" | "outcome" | "all" | "connection" | "working">) {
  const { run } = detail;
  if (outcome !== null) return <Empty title={`No ticket was ${OUTCOMES[outcome].label.toLowerCase()}`}>{all === 1 ? "The other ticket ended otherwise." : `The other ${all} tickets ended otherwise.`}</Empty>;
  if (working) return <Empty title="No ticket yet">The run is at work; its tickets appear here as they are dealt with.</Empty>;
  if (run.result === null) return <Empty title="The run was interrupted">Lockstep was closed or broke off while it worked. The next run looks up what was sent before it writes anything again.</Empty>;
  if (run.result === "nothing_to_do") {
    return (
      <Empty title="Nothing to do" actions={connection !== null && <Button onClick={() => go({ page: "connection", connection, tab: "setup" })}>Open filters</Button>}>
        Both sides agree: {run.counts.read === 0 ? "no ticket changed since the last run" : `${plural(run.counts.read, "ticket")} ${run.counts.read === 1 ? "was" : "were"} looked at, none differs`}. A ticket that the filters leave out is not looked at.
      </Empty>
    );
  }
  return <NoDetails result={run.result} />;
}

/** The details of an old run are gone, or it ended before the first ticket. */
function NoDetails({ result }: { result: string }) {
  const { data } = useQuery("read_settings", EVERYTHING);
  const days = data?.settings.keep_days ?? null;
  return <Empty title="No details">The run ended as {resultMark(result).label}.{days !== null && ` Details of tickets are kept ${plural(days, "day")}, counts for ever.`}</Empty>;
}
