// The left card: which connection, from when on, look first or not, and automatic sync with what it needs.
import { useId, useState } from "react";
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import type { RunProgress } from "../../api/generated/RunProgress";
import { useTransport } from "../../api/transport";
import { Button, Checkbox, Select } from "../../components/kit";
import { Planning } from "../../components/planning";
import { ErrorCard } from "../../components/shapes";
import { momentInText } from "../../lib/format";
import { useKeys } from "../../lib/keys";
import { type SinceChoice, sinceMs, sinceOptions } from "../../lib/since";
import { useStarting } from "../../state/starting";
import { AutomaticCard } from "./automatic";

interface OrdersProps {
  list: ConnectionCard[];
  connection: ConnectionCard;
  choose: (connection: number) => void;
  running: RunProgress | null;
}

export function Orders({ list, connection, choose, running }: OrdersProps) {
  return (
    <section className="card orders" aria-labelledby="orders-title">
      <div className="orders-head">
        <h2 id="orders-title">Run sync</h2>
        <Select
          label="Connection" value={String(connection.id)} change={(id) => choose(Number(id))}
          options={list.map((each) => ({ value: String(each.id), label: each.name }))}
        />
      </div>
      <Order key={connection.id} connection={connection} running={running} />
    </section>
  );
}

/** What is chosen for one connection; another one begins anew. */
function Order({ connection, running }: Pick<OrdersProps, "connection" | "running">) {
  const transport = useTransport();
  const starting = useStarting(connection);
  const { busy, error, making, lookFirst } = starting;
  const practice = connection.source_side.practice && connection.target_side.practice;
  const [since, setSince] = useState<SinceChoice>(connection.first_run ? "all" : "last_run");
  const [day, setDay] = useState("");
  // Until a first automatic run a person looks before anything is written.
  const [preview, setPreview] = useState(lookFirst || (!practice && !connection.automatic && connection.last_run?.kind !== "automatic"));
  const dayId = useId();

  const now = transport.now();
  const last = connection.last_run;
  const options = sinceOptions(connection.first_run, last === null ? null : momentInText(last.started_ms, now));
  // After the first run "all" stays chosen only if a person chose it anew.
  const choice = options.some((option) => option.choice === since) ? since : "all";
  const from = sinceMs(choice, day, now);
  const refused = from === undefined ? "Pick the day first." : starting.refused;

  const look = () => {
    if (from !== undefined) void starting.preview({ sinceMs: from });
  };
  const start = async () => {
    if (running !== null) watch(running.run);
    else if (preview || lookFirst) look();
    else if (from !== undefined && (await starting.run({ sinceMs: from }))) setSince("last_run");
  };
  const startNow = () => void start();
  useKeys([
    [{ key: "Enter", ctrl: true }, startNow],
    [{ key: "s", ctrl: true, shift: true }, startNow],
    [{ key: "p", ctrl: true, shift: true }, look],
  ]);

  return (
    <>
      <div className="orders-form">
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
          label="Preview first" on={preview || lookFirst} change={setPreview} fixed={lookFirst}
          note={lookFirst ? "always before a first run" : preview ? "writes nothing yet" : practice ? "nothing real is written" : ""}
        />
        {running !== null ? (
          <Button kind="primary" className="button-wide" icon="eye" onClick={() => watch(running.run)}>Watch run</Button>
        ) : (
          <Button kind="primary" className="button-wide" icon="sync" busy={busy !== null || making !== null} refused={busy !== null ? null : refused} onClick={startNow}>
            {busy === "plan" || making !== null ? "Planning" : "Run sync"}
          </Button>
        )}
        {(busy === "plan" || making !== null) && (
          <div className="orders-planning">
            <p className="second"><Planning making={making} /> Nothing is written.</p>
            <Button kind="quiet" className="button-wide" onClick={starting.stopPlanning}>Stop planning</Button>
          </div>
        )}
        {error !== null && <ErrorCard title={error.of === "run" ? "The run did not start" : "The plan could not be made"} error={error.error} retry={startNow} />}
      </div>
      <AutomaticCard connection={connection} look={look} />
    </>
  );
}

/** Brings the card of a run into sight, and to those who hear it. */
function watch(run: number) {
  const title = document.getElementById(`run-${run}`);
  title?.scrollIntoView({ block: "nearest" });
  title?.focus();
}
