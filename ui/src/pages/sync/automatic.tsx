// Automatic sync of a connection: the switch, what it needs, and a question where changes already wait.
import { useState } from "react";
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import type { Prerequisite } from "../../api/generated/Prerequisite";
import { useAct } from "../../api/query";
import { useTransport } from "../../api/transport";
import { Question } from "../../components/question";
import { Icon } from "../../components/icons";
import { Button, Switch } from "../../components/kit";
import { sentence } from "../../components/shapes";
import { clock, plural, span } from "../../lib/format";
import { type Route, write } from "../../lib/route";
import { useLive } from "../../state/live";
import { useToast } from "../../state/toast";

interface AutomaticProps {
  connection: ConnectionCard;
  /** Plans instead, so that a person sees what waits. */
  look: () => void;
}

export function AutomaticCard({ connection, look }: AutomaticProps) {
  const { connections } = useLive();
  const toast = useToast();
  const now = useTransport().now();
  const { act, busy, error } = useAct("set_automatic");
  const [asking, setAsking] = useState(false);
  const { automatic: on, interval_seconds, prerequisites, pending } = connection;
  const ready = prerequisites.every((prerequisite) => prerequisite.holds);
  const every = `every ${span(interval_seconds * 1000)}`;
  const first = Math.max(now, (connection.last_run?.started_ms ?? now) + interval_seconds * 1000);
  const set = async (next: boolean, undoable: boolean) => {
    const done = await act({ connection: connection.id, on: next });
    setAsking(false);
    if (done === null) return;
    connections.reload();
    const text = `Automatic sync of ${connection.name} is ${next ? "on" : "off"}.`;
    toast(undoable ? { text, undo: () => void set(!next, false) } : { text });
  };
  const change = (next: boolean) => {
    if (next && pending > 0) setAsking(true);
    else void set(next, true);
  };
  return (
    <div className="orders-automatic">
      <div className="orders-switch">
        <h3>Automatic sync</h3>
        <Switch
          label={`Automatic sync of ${connection.name}`} on={on} change={change}
          refused={!on && !ready ? "Something it needs is missing; the list below says what." : null}
        />
      </div>
      <p className="second">{on ? `Runs ${every}.` : ready ? `Runs ${every} once it is on. Everything it needs is in place:` : `Runs ${every} once it has what it needs:`}</p>
      <ul className="orders-needs">
        {prerequisites.map((prerequisite) => <Need key={prerequisite.name} need={prerequisite} connection={connection} />)}
      </ul>
      {error && <p className="tone-bad" role="alert">{sentence(error.message)}</p>}
      {asking && (
        <Question
          title={`Turn on automatic sync of ${connection.name}?`} confirm="Turn on" confirmed={() => void set(true, true)} busy={busy} close={() => setAsking(false)}
          other={<Button onClick={() => { setAsking(false); look(); }}>Preview first</Button>}
        >
          <p><strong>{plural(pending, "change")}</strong> will be written at {clock(first)}.</p>
        </Question>
      )}
    </div>
  );
}

function Need({ need, connection }: { need: Prerequisite; connection: ConnectionCard }) {
  const link = need.holds ? null : remedy(need.name, connection);
  return (
    <li className={need.holds ? "" : "orders-missing"}>
      <span className={need.holds ? "tone-ok" : ""}><Icon name={need.holds ? "check" : "dashed"} small /></span>
      <div>
        {need.name}<span className="hidden-text">{need.holds ? ": yes" : ": not yet"}</span>
        {!need.holds && need.reason !== null && <p className="quiet">{sentence(need.reason)}{need.fix === null ? "" : ` ${sentence(need.fix)}`}</p>}
        {link !== null && <a href={write(link.to)}>{link.label}</a>}
      </div>
    </li>
  );
}

/** Where a missing thing is mended; the first run is started right here. */
function remedy(name: string, connection: ConnectionCard): { to: Route; label: string } | null {
  if (/sign-in/i.test(name)) return { to: { page: "accounts" }, label: "Open accounts" };
  if (/mapping/i.test(name)) return { to: { page: "connection", connection: connection.id, tab: "mapping" }, label: "Open mapping" };
  return null;
}
