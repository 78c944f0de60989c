// One ticket in quarantine: what went wrong, what to do, and the ways on.
import { useState } from "react";
import type { ApiError } from "../../api/generated/ApiError";
import type { QuarantineGroup } from "../../api/generated/QuarantineGroup";
import type { QuarantineView } from "../../api/generated/QuarantineView";
import { Explain } from "../../components/explain";
import { Icon } from "../../components/icons";
import { Button } from "../../components/kit";
import { OpenTicket, sidesOf } from "../../components/open-ticket";
import { ErrorCard, Moment, sentence, Tile } from "../../components/shapes";
import { UnlinkDialog } from "../../components/unlink";
import { count, moment } from "../../lib/format";
import { useKeys } from "../../lib/keys";
import { waysFrom } from "../../lib/mending";
import { go, write } from "../../lib/route";
import { DOING } from "../../lib/words";
import { useLive, useNow } from "../../state/live";
import { SkipChange } from "./skip";

interface DetailProps {
  group: QuarantineGroup;
  ticket: QuarantineView;
  retry: () => void;
  busy: boolean;
  error: ApiError | null;
  changed: () => void;
}

export function QuarantineDetail({ group, ticket, retry, busy, error, changed }: DetailProps) {
  const { connections } = useLive();
  const now = useNow(30_000);
  const [explaining, setExplaining] = useState(false);
  const [unlinking, setUnlinking] = useState(false);
  const [skipping, setSkipping] = useState(false);
  const card = connections.data?.connections.find((one) => one.name === ticket.connection);
  const source = ticket.side === "source";
  const side = source ? card?.source_side : card?.target_side;
  const tickets = source ? { source: ticket.ticket, target: ticket.partner } : { source: ticket.partner, target: ticket.ticket };
  const ways = card === undefined ? [] : waysFrom(`${group.cause ?? ""} ${group.remedy ?? ""}`, card.id);
  useKeys([
    [{ key: "t" }, retry],
    [{ key: "e" }, () => setExplaining(true)],
  ]);
  return (
    <section className="split-detail" aria-labelledby="quarantine-title" data-pane>
      <div className="split-body">
        <header className="split-head">
          {side !== undefined && <Tile side={side} role={source ? "source" : "target"} />}
          <div>
            <h2 id="quarantine-title" tabIndex={-1} data-pane-start>{ticket.ticket}</h2>
            {ticket.title !== "" && <p>{ticket.title}</p>}
            <p className="second">{[ticket.partner === null ? "" : `linked with ${ticket.partner}`, ticket.connection, ticket.type_mapping].filter(Boolean).join(", ")}</p>
          </div>
        </header>
        {error !== null && <ErrorCard title="The ticket was not released" error={error} />}
        <section className="error-card" role="group" aria-label={DOING[ticket.doing] ?? "It was not written"}>
          <header><Icon name="error" /><div><h3>{DOING[ticket.doing] ?? "It was not written"}</h3><p className="second">“{group.message}”</p></div></header>
          {(group.cause !== null || group.remedy !== null) && (
            <dl>
              {group.cause !== null && <div><dt>Cause</dt><dd>{sentence(group.cause)}</dd></div>}
              {group.remedy !== null && <div><dt>Fix</dt><dd>{sentence(group.remedy)}</dd></div>}
            </dl>
          )}
          <footer>
            <Button icon="sync" busy={busy} onClick={retry}>Retry</Button>
            {ways.map((way) => <Button key={way.label} onClick={() => go(way.to)}>{way.label}</Button>)}
          </footer>
        </section>
        <dl className="detail-list">
          <div><dt>Since</dt><dd><Moment ms={ticket.since_ms}>{moment(ticket.since_ms, now)}</Moment></dd></div>
          <div><dt>Tried</dt><dd>{ticket.tries === 1 ? "once" : `${count(ticket.tries)} times`}</dd></div>
          {ticket.run !== null && <div><dt>Last run</dt><dd><a href={write({ page: "run", run: ticket.run })}>Run {count(ticket.run)}</a></dd></div>}
          <div><dt>Later changes</dt><dd>wait in order and are written once this one passes</dd></div>
        </dl>
        {explaining && <section className="card panel"><Explain connection={ticket.connection} ticket={ticket.ticket} /></section>}
      </div>
      <footer className="split-bar">
        {!explaining && <Button icon="search" onClick={() => setExplaining(true)}>Explain this ticket</Button>}
        <OpenTicket connection={ticket.connection} sides={sidesOf(card)} tickets={tickets} first={source ? "source" : "target"} />
        <span className="split-bar-end">
          {card !== undefined && <Button kind="quiet" onClick={() => setSkipping(true)}>Skip this change…</Button>}
          {ticket.linked && <Button kind="quiet" danger icon="unlink" onClick={() => setUnlinking(true)}>Unlink…</Button>}
        </span>
      </footer>
      {skipping && card !== undefined && (
        <SkipChange connection={card.id} ticket={ticket} sides={{ source: card.source_side, target: card.target_side }} close={() => setSkipping(false)} done={changed} />
      )}
      {unlinking && <UnlinkDialog connection={ticket.connection} ticket={ticket.ticket} pair={ticket.partner === null ? ticket.ticket : `${tickets.source ?? ""} ⇄ ${tickets.target ?? ""}`} close={() => setUnlinking(false)} done={changed} />}
    </section>
  );
}
