// The left card: which connection, from when on, look first or not, and automatic sync with what it needs.
import { useId, useState } from "react";
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import type { RunProgress } from "../../api/generated/RunProgress";
import { useAct } from "../../api/query";
import { useTransport } from "../../api/transport";
import { Icon } from "../../components/icons";
import { Button, Checkbox, Select, Switch } from "../../components/kit";
import { ErrorCard } from "../../components/shapes";
import { momentInText, span } from "../../lib/format";
import { useKeys } from "../../lib/keys";
import { rememberSince } from "../../lib/planned";
import { go } from "../../lib/route";
import { type SinceChoice, sinceMs, sinceOptions } from "../../lib/since";
import { useLive } from "../../state/live";
import { useToast } from "../../state/toast";

interface OrdersProps {
  list: ConnectionCard[];
  connection: ConnectionCard;
  choose: (connection: number) => void;
  running: RunProgress | null;
}

export function Orders({ list, connection, choose, running }: OrdersProps) {
  const transport = useTransport();
  const { connections } = useLive();
  const practice = connection.source_side.practice && connection.target_side.practice;
  const forced = connection.first_run && !practice;
  const [since, setSince] = useState<SinceChoice>(connection.first_run ? "all" : "last_run");
  const [day, setDay] = useState("");
  const [preview, setPreview] = useState(forced);
  const run = useAct("run_sync");
  const plan = useAct("plan_sync");
  const dayId = useId();

  const now = transport.now();
  const last = connection.last_run;
  const options = sinceOptions(connection.first_run, last === null ? null : momentInText(last.started_ms, now));
  // After the first run "all" stays chosen only if a person chose it anew.
  const choice = options.some((option) => option.choice === since) ? since : "all";
  const from = sinceMs(choice, day, now);
  const error = run.error ?? plan.error;
  const busy = run.busy || plan.busy;

  const start = async () => {
    if (from === undefined || running !== null || busy) return;
    run.forget();
    plan.forget();
    const order = { connection: connection.id, since_ms: from };
    if (preview) {
      const made = await plan.act(order);
      if (made === null) return;
      rememberSince(made.plan, from);
      go({ page: "plan", plan: made.plan });
    } else if ((await run.act({ ...order, plan: null, confirmed: false })) !== null) {
      setSince("last_run");
      connections.reload();
    }
  };
  const startNow = () => void start();
  useKeys([
    [{ key: "Enter", ctrl: true }, startNow],
    [{ key: "s", ctrl: true, shift: true }, startNow],
  ]);

  const refused = running !== null ? "A run of this connection is at work." : from === undefined ? "Pick the day first." : null;
  return (
    <section className="card orders" aria-labelledby="orders-title">
      <div className="orders-form">
        <h2 id="orders-title">Run sync</h2>
        <Select
          label="Connection" value={String(connection.id)} change={(id) => choose(Number(id))}
          options={list.map((each) => ({ value: String(each.id), label: each.name }))}
        />
        <Select
          label="Tickets created or changed since" value={choice} change={setSince}
          options={options.map((option) => ({ value: option.choice, label: option.label }))}
        />
        {choice === "pick" && (
          <div className="field">
            <label htmlFor={dayId} className="field-label">Day</label>
            <input id={dayId} className="date-input" type="date" required value={day} onChange={(event) => setDay(event.target.value)} />
          </div>
        )}
        <Checkbox
          label="Preview first" on={preview} change={setPreview} fixed={forced}
          note={forced ? "always before a first run" : preview ? "writes nothing yet" : practice ? "nothing real is written" : ""}
        />
        <Button kind="primary" className="button-wide" icon="sync" busy={busy} refused={busy ? null : refused} onClick={startNow}>
          {plan.busy ? "Planning" : "Run sync"}
        </Button>
        {plan.busy && <Button kind="quiet" className="button-wide" onClick={() => void transport.call("cancel_run", { connection: connection.id })}>Stop planning</Button>}
        {error && <ErrorCard title={run.error ? "The run did not start" : "The plan could not be made"} error={error} retry={startNow} />}
      </div>
      <AutomaticCard connection={connection} />
    </section>
  );
}

function AutomaticCard({ connection }: { connection: ConnectionCard }) {
  const { connections } = useLive();
  const toast = useToast();
  const { act, error } = useAct("set_automatic");
  const { automatic: on, interval_seconds, prerequisites } = connection;
  const ready = prerequisites.every((prerequisite) => prerequisite.holds);
  const every = `every ${span(interval_seconds * 1000)}`;
  const set = async (next: boolean, undoable: boolean) => {
    if ((await act({ connection: connection.id, on: next })) === null) return;
    connections.reload();
    const text = `Automatic sync of ${connection.name} is ${next ? "on" : "off"}.`;
    toast(undoable ? { text, undo: () => void set(!next, false) } : { text });
  };
  return (
    <div className="orders-automatic">
      <div className="orders-switch">
        <h3>Automatic sync</h3>
        <Switch
          label={`Automatic sync of ${connection.name}`} on={on} change={(next) => void set(next, true)}
          refused={!on && !ready ? "Something it needs is missing; the list below says what." : null}
        />
      </div>
      <p className="second">{on ? `Runs ${every}.` : ready ? `Runs ${every} once it is on. Everything it needs is in place:` : `Runs ${every} once it has what it needs:`}</p>
      <ul className="orders-needs">
        {prerequisites.map((prerequisite) => (
          <li key={prerequisite.name} className={prerequisite.holds ? "" : "quiet"}>
            <span className={prerequisite.holds ? "tone-ok" : ""}><Icon name={prerequisite.holds ? "check" : "dashed"} small /></span>
            {prerequisite.name}<span className="hidden-text">{prerequisite.holds ? ": yes" : ": not yet"}</span>
          </li>
        ))}
      </ul>
      {error && <p className="tone-bad" role="alert">{error.message}</p>}
    </div>
  );
}
