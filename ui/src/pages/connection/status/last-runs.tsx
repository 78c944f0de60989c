// The last five runs of a connection; the rest is on its own tab.
import { useEffect } from "react";
import type { ConnectionCard } from "../../../api/generated/ConnectionCard";
import type { RunView } from "../../../api/generated/RunView";
import { useQuery } from "../../../api/query";
import { Icon } from "../../../components/icons";
import { ErrorCard, Moment, Skeleton } from "../../../components/shapes";
import { count, moment } from "../../../lib/format";
import { write } from "../../../lib/route";
import { OUTCOME_ORDER, resultMark } from "../../../lib/words";
import { useLive, useNow } from "../../../state/live";

const SHOWN = 5;

export function LastRuns({ connection }: { connection: ConnectionCard }) {
  const { ended } = useLive();
  const now = useNow(30_000);
  const { data, error, reload } = useQuery("list_runs", { connection: connection.id, result: null, since_ms: null, before: null });
  useEffect(() => {
    if (ended > 0) reload();
  }, [ended, reload]);
  const runs = data?.runs.slice(0, SHOWN) ?? null;
  return (
    <section className="card" aria-labelledby="state-runs">
      <h2 id="state-runs">Last runs</h2>
      {error !== null && data === null && <ErrorCard title="The runs could not be read" error={error} retry={reload} />}
      {runs === null && error === null && <Skeleton rows={3} what="the last runs" />}
      {runs !== null && (
        <ul className="state-runs" aria-labelledby="state-runs">
          {runs.map((run) => <Line key={run.id} run={run} now={now} />)}
        </ul>
      )}
      {(data?.runs.length ?? 0) > SHOWN && <p><a href={write({ page: "connection", connection: connection.id, tab: "runs" })}>All runs</a></p>}
    </section>
  );
}

function Line({ run, now }: { run: RunView; now: number }) {
  const mark = resultMark(run.result);
  const written = OUTCOME_ORDER.filter((outcome) => run.counts[outcome] > 0).map((outcome) => `${count(run.counts[outcome])} ${outcome}`);
  return (
    <li>
      <a href={write({ page: "run", run: run.id })}>Run {count(run.id)}</a>
      <span className={`state-result tone-${mark.tone}`}><Icon name={mark.icon} small />{mark.label}</span>
      <span className="quiet cut">{written.join(", ")}</span>
      <Moment ms={run.started_ms}>{moment(run.started_ms, now)}</Moment>
    </li>
  );
}
