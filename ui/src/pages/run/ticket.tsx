// One ticket of a run: what went wrong and what to do, what changed field by field, what else was done.
import { useState } from "react";
import type { ChangeView } from "../../api/generated/ChangeView";
import type { SideView } from "../../api/generated/SideView";
import type { TroubleView } from "../../api/generated/TroubleView";
import type { TicketView } from "../../api/generated/TicketView";
import { Explain } from "../../components/explain";
import { Icon } from "../../components/icons";
import { Button } from "../../components/kit";
import { OpenTicket } from "../../components/open-ticket";
import { sentence, Tile } from "../../components/shapes";
import { type Chord, useKeys } from "../../lib/keys";
import { write } from "../../lib/route";
import { written } from "../../lib/ticket";
import { DOING } from "../../lib/words";

/** Plans a failed ticket anew. */
export interface Retry {
  act: (ordinal: number) => void;
  busy: boolean;
  /** Why not now. */
  refused: string | null;
}

interface TicketProps {
  ticket: TicketView;
  source: SideView;
  target: SideView;
  /** The name of its connection, as the run has it. */
  of: string;
  /** Of which connection; none if it is not there any more. */
  connection: number | null;
  retry: Retry;
}

export function TicketDetail({ ticket, source, target, of, connection, retry }: TicketProps) {
  const [explaining, setExplaining] = useState(false);
  const failed = ticket.outcome === "failed";
  const key = ticket.source ?? ticket.target;
  const there = connection !== null && key !== null;
  useKeys([
    ...(there ? [[{ key: "e" }, () => setExplaining(true)] as [Chord, () => void]] : []),
    ...(there && failed ? [[{ key: "t" }, () => retry.act(ticket.ordinal)] as [Chord, () => void]] : []),
  ]);
  return (
    <section className="pane-detail" aria-labelledby="ticket-title" data-pane>
      <header className="ticket-head">
        <h2 id="ticket-title" tabIndex={-1} data-pane-start>{ticket.title}</h2>
        <p className="ticket-pair">
          {ticket.source !== null && <><Tile small side={source} role="source" /><span>{ticket.source}</span></>}
          {ticket.source !== null && ticket.target !== null && <span className="quiet">{arrowOf(ticket)}</span>}
          {ticket.target !== null && <><Tile small side={target} role="target" /><span>{ticket.target}</span></>}
        </p>
      </header>
      <div className="ticket-body">
        {ticket.troubles.map((error) => <Wrong key={error.doing + error.message} error={error} connection={connection} ticket={key} />)}
        {ticket.notices.length > 0 && (
          <section aria-labelledby="ticket-notices">
            <h3 id="ticket-notices">{failed && ticket.troubles.length === 0 ? "Why it failed" : "Good to know"}</h3>
            <ul className="notices">
              {ticket.notices.map((notice) => (
                <li key={notice.message} className={notice.needs_person ? "notice notice-bad" : "notice"}>
                  <Icon name={notice.needs_person ? "error" : "nothing"} />
                  <div><p>{sentence(notice.message)}</p>{notice.remedy !== null && <p className="second"><span className="quiet">Fix</span> {sentence(notice.remedy)}</p>}<Mend text={`${notice.message} ${notice.remedy ?? ""}`} connection={connection} ticket={key} /></div>
                </li>
              ))}
            </ul>
          </section>
        )}
        {ticket.waits !== null && <p className="ticket-waits"><Icon name="clock" />{sentence(ticket.waits)} The next run looks again.</p>}
        <Changes changes={ticket.changes} source={source} target={target} failed={failed} created={ticket.outcome === "created"} />
        {ticket.done.length > 0 && (
          <section aria-labelledby="ticket-done">
            <h3 id="ticket-done">What happened</h3>
            <ol className="happened">{ticket.done.map((step, at) => <li key={`${at} ${step}`}><span>{sentence(step)}</span></li>)}</ol>
          </section>
        )}
        {ticket.changes.length === 0 && ticket.done.length === 0 && ticket.troubles.length === 0 && ticket.notices.length === 0 && ticket.waits === null && (
          <p className="second">Nothing had to be written: both sides agree.</p>
        )}
        {explaining && there && <section className="card panel" aria-label="Explanation"><Explain connection={of} ticket={key} /></section>}
      </div>
      {there && (
        <footer className="ticket-foot">
          {failed && (
            <Button icon="undo" busy={retry.busy} refused={retry.busy ? null : retry.refused} aria-keyshortcuts="T" onClick={() => retry.act(ticket.ordinal)}>Retry ticket</Button>
          )}
          {!explaining && <Button icon="search" aria-keyshortcuts="E" onClick={() => setExplaining(true)}>Explain this ticket</Button>}
          <OpenTicket
            connection={of} sides={{ source, target }} tickets={{ source: ticket.source, target: ticket.target }}
            first={written(ticket) === "source" ? "source" : "target"}
          />
        </footer>
      )}
    </section>
  );
}

function arrowOf(ticket: TicketView): string {
  const side = written(ticket);
  return side === null ? "·" : { both: "⇄", source: "←", target: "→" }[side];
}

/** Leads to where it is mended, as far as the words tell. */
function Mend({ text, connection, ticket }: { text: string; connection: number | null; ticket: string | null }) {
  if (/waits for a decision/i.test(text)) return <p><a href={write({ page: "conflicts", ...(ticket === null ? {} : { ticket }) })}>Open conflicts</a></p>;
  if (connection === null || !/\bpair\b|mapping/i.test(text)) return null;
  return <p><a href={write({ page: "connection", connection, tab: "mapping" })}>Open mapping</a></p>;
}

function Wrong({ error, connection, ticket }: { error: TroubleView; connection: number | null; ticket: string | null }) {
  return (
    <section className="error-card" role="group" aria-label={DOING[error.doing] ?? "It was not written"}>
      <header><Icon name="error" /><div><h3>{DOING[error.doing] ?? "It was not written"}</h3><p className="second">“{error.message}”</p></div></header>
      {(error.cause !== null || error.remedy !== null) && (
        <dl>
          {error.cause !== null && <div><dt>Cause</dt><dd>{sentence(error.cause)}</dd></div>}
          {error.remedy !== null && <div><dt>Fix</dt><dd>{sentence(error.remedy)}<Mend text={error.remedy} connection={connection} ticket={ticket} /></dd></div>}
        </dl>
      )}
    </section>
  );
}

/** An empty value is grey, one of several lines a block. */
function look(value: string): string {
  if (value === "") return "change-empty";
  return value.includes("\n") ? "change-block" : "";
}

interface ChangesProps {
  changes: ChangeView[];
  source: SideView;
  target: SideView;
  failed: boolean;
  created: boolean;
}

function Changes({ changes, source, target, failed, created }: ChangesProps) {
  if (changes.length === 0) return null;
  const sides = new Set(changes.map((change) => change.side));
  return (
    <section aria-labelledby="ticket-changes">
      <h3 id="ticket-changes">{failed ? "Changes that were planned" : created ? "Fields of the new ticket" : "Changes in this run"}</h3>
      <ul className="changes">
        {changes.map((change, at) => (
          <li key={`${change.side} ${change.field} ${at}`}>
            {sides.size > 1 && <Tile small side={change.side === "source" ? source : target} role={change.side === "source" ? "source" : "target"} />}
            <span className="change-label">{change.field}</span>
            <span className="change-values">
              {!created && (
                <>
                  <del className={look(change.before)}><span className="hidden-text">was </span>{change.before === "" ? "empty" : change.before}</del>
                  <span className="quiet" aria-hidden="true">→</span>
                </>
              )}
              <ins className={look(change.after)}><span className="hidden-text">now </span>{change.after === "" ? "empty" : change.after}</ins>
            </span>
            <span className="change-reason" title={change.reason}>{change.reason}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
