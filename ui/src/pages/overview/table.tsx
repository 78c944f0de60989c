// Connections as rows: who with whom, state and reason, the last day, automatic, one action.
import { useId } from "react";
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import { useAct } from "../../api/query";
import { Icon } from "../../components/icons";
import { Button, Switch } from "../../components/kit";
import { TilePair } from "../../components/shapes";
import { clock, count, span } from "../../lib/format";
import { go, write } from "../../lib/route";
import { arrow, STATES, type Tone, WAITING } from "../../lib/words";
import { useLive } from "../../state/live";
import { useToast } from "../../state/toast";
import { Hours } from "./hours";

interface TableProps {
  title: string;
  tone: Tone;
  list: ConnectionCard[];
  now: number;
}

export function ConnectionTable({ title, tone, list, now }: TableProps) {
  const heading = useId();
  return (
    <section aria-labelledby={heading}>
      <h2 className="overview-group" id={heading}>{title} <span className={`overview-count overview-count-${tone}`}>{list.length}</span></h2>
      <div className="card overview-card">
        <table className="overview-table" aria-labelledby={heading}>
          <thead>
            <tr><th scope="col">Connection</th><th scope="col">State</th><th scope="col" className="overview-wide">Last 24 hours</th><th scope="col">Automatic</th><th><span className="hidden-text">Action</span></th></tr>
          </thead>
          <tbody>{list.map((connection) => <Row key={connection.id} connection={connection} now={now} />)}</tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ connection, now }: { connection: ConnectionCard; now: number }) {
  const { source_side: source, target_side: target, flow } = connection;
  const changed = connection.hours.reduce((sum, hour) => sum + hour.changed, 0);
  return (
    <tr>
      <th scope="row">
        <div className="overview-name">
          <TilePair source={source} target={target} flow={flow} />
          <div className="cut">
            <a className="overview-link" href={write({ page: "sync", connection: connection.id })}>{connection.name}</a>
            <p className="quiet cut">{connection.source} {arrow(flow).sign} {connection.target}</p>
          </div>
        </div>
      </th>
      <td><State connection={connection} now={now} /></td>
      <td className="overview-wide">
        <Hours hours={connection.hours} />
        <p className="overview-caption">{changed === 0 && connection.first_run ? "Not run yet" : `${count(changed)} changed`}</p>
      </td>
      <td><Automatic connection={connection} /></td>
      <td className="overview-action"><Action connection={connection} /></td>
    </tr>
  );
}

function State({ connection, now }: { connection: ConnectionCard; now: number }) {
  const { runs } = useLive();
  const waits = runs.find((run) => run.connection === connection.id && run.result === null)?.waits ?? [];
  const wait = waits.find((each) => each.until_ms > now && each.until_ms - each.since_ms >= 10_000);
  const mark = wait ? WAITING : STATES[connection.state];
  const until = wait ? ` until ${clock(wait.until_ms)}` : "";
  const next = connection.next_ms;
  const due = connection.state === "running" && next !== null && next > now ? ` Next in ${span(next - now)}.` : "";
  return (
    <div className="overview-state">
      <span className={`tone-${mark.tone}`}><Icon name={mark.icon} /></span>
      <div>
        <p className={`strong tone-${mark.tone}`}>{mark.label}{until}</p>
        <p className="overview-sentence">{connection.reason}{due}</p>
      </div>
    </div>
  );
}

function Automatic({ connection }: { connection: ConnectionCard }) {
  const { connections } = useLive();
  const toast = useToast();
  const { act, error } = useAct("set_automatic");
  const missing = connection.prerequisites.find((prerequisite) => !prerequisite.holds);
  const refused = !connection.automatic && missing !== undefined ? missing.reason ?? missing.name : null;
  const set = async (on: boolean, undoable: boolean) => {
    if ((await act({ connection: connection.id, on })) === null) return;
    connections.reload();
    const text = `Automatic sync of ${connection.name} is ${on ? "on" : "off"}.`;
    toast(undoable ? { text, undo: () => void set(!on, false) } : { text });
  };
  const word = connection.automatic ? `Every ${span(connection.interval_seconds * 1000)}` : connection.first_run ? "After first run" : "Off";
  return (
    <>
      <Switch label={`Automatic sync of ${connection.name}`} on={connection.automatic} refused={refused} change={(on) => void set(on, true)} />
      <p className="overview-caption">{error ? <span className="tone-bad" role="alert">{error.message}</span> : word}</p>
    </>
  );
}

function Action({ connection }: { connection: ConnectionCard }) {
  const { runs } = useLive();
  const working = runs.some((run) => run.connection === connection.id && run.result === null);
  const open = () => go({ page: "sync", connection: connection.id });
  if (working) return <Button onClick={open}>Watch run</Button>;
  const last = connection.last_run;
  switch (connection.state) {
    case "initial_sync_required":
      return <Button onClick={open}>{connection.source_side.practice ? "Run first sync" : "Preview first run"}</Button>;
    case "sign_in_needed":
      return <Button onClick={() => go({ page: "accounts" })}>Sign in again…</Button>;
    case "stalled":
      return <Button onClick={() => (last === null ? open() : go({ page: "run", run: last.id }))}>See why</Button>;
    case "needs_decision":
      return <Button onClick={() => go({ page: "conflicts" })}>Decide {count(connection.conflicts)}</Button>;
    default:
      return <Button onClick={open}>Run sync</Button>;
  }
}
