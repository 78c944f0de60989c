// The history of one connection, newest first, a page at a time.
import { useEffect, useState } from "react";
import type { RunPage } from "../../../api/generated/RunPage";
import type { RunView } from "../../../api/generated/RunView";
import { asApiError, useTransport } from "../../../api/transport";
import { useQuery } from "../../../api/query";
import type { ApiError } from "../../../api/generated/ApiError";
import { Button } from "../../../components/kit";
import { Icon } from "../../../components/icons";
import { Empty, ErrorCard, LoadingLine, Moment, Num, Skeleton } from "../../../components/shapes";
import { count, moment, span } from "../../../lib/format";
import { go, write } from "../../../lib/route";
import { resultMark, startedBy } from "../../../lib/words";
import { useLive } from "../../../state/live";
import type { TabProps } from "../tabs";
import "./runs.css";

const COUNTS = ["created", "updated", "closed", "failed"] as const;

export function Runs({ connection }: TabProps) {
  const { ended } = useLive();
  const filter = { connection: connection.id, result: null, since_ms: null, before: null };
  const page = useQuery("list_runs", filter);
  const { reload } = page;
  useEffect(() => {
    if (ended > 0) reload();
  }, [ended, reload]);
  return (
    <div className="screen">
      <section className="card runs" aria-label={`Runs of ${connection.name}`}>
        <LoadingLine on={page.loading && page.data !== null} />
        {page.error && <ErrorCard title="The runs could not be read" error={page.error} retry={reload} />}
        {page.data === null && page.error === null && <Skeleton rows={8} what="runs" />}
        {page.data?.runs.length === 0 && (
          <Empty title="No runs yet" actions={<Button onClick={() => go({ page: "sync", connection: connection.id })}>Go to Sync</Button>}>
            Runs of {connection.name} are listed here, ticket by ticket.
          </Empty>
        )}
        {page.data !== null && page.data.runs.length > 0 && <RunTable first={page.data} connection={connection.id} name={connection.name} />}
      </section>
    </div>
  );
}

function RunTable({ first, connection, name }: { first: RunPage; connection: number; name: string }) {
  const transport = useTransport();
  const [more, setMore] = useState<RunView[]>([]);
  const [further, setFurther] = useState<number | null | undefined>(undefined);
  const [error, setError] = useState<ApiError | null>(null);
  const before = further === undefined ? first.before : further;
  const load = async () => {
    setError(null);
    try {
      const page = await transport.call("list_runs", { connection, result: null, since_ms: null, before });
      setMore((had) => [...had, ...page.runs]);
      setFurther(page.before);
    } catch (thrown) {
      setError(asApiError(thrown));
    }
  };
  const known = new Set(first.runs.map((run) => run.id));
  return (
    <>
      <table className="runs-table" aria-label={`Runs of ${name}`}>
        <thead>
          <tr>
            <th scope="col">Run</th><th scope="col">Start</th><th scope="col">Status</th>
            {["Created", "Updated", "Closed", "Failed", "Took"].map((each) => <th key={each} scope="col" className="number">{each}</th>)}
            <th scope="col">Started by</th>
          </tr>
        </thead>
        <tbody>{[...first.runs, ...more.filter((run) => !known.has(run.id))].map((run) => <RunRow key={run.id} run={run} />)}</tbody>
      </table>
      {error && <p className="runs-error tone-bad" role="alert">{error.message}</p>}
      {before !== null && <div className="runs-more"><Button kind="quiet" onClick={() => void load()}>Show earlier runs</Button></div>}
    </>
  );
}

function RunRow({ run }: { run: RunView }) {
  const now = useTransport().now();
  const mark = resultMark(run.result);
  const to = { page: "run", run: run.id } as const;
  return (
    <tr onClick={() => go(to)}>
      <th scope="row"><a href={write(to)} aria-label={`Run ${run.id}`} onClick={(event) => event.stopPropagation()}>{count(run.id)}</a></th>
      <td><Moment ms={run.started_ms}>{moment(run.started_ms, now)}</Moment></td>
      <td><span className={`runs-status tone-${mark.tone}`}><Icon name={mark.icon} small />{mark.label}</span></td>
      {COUNTS.map((each) => <td key={each} className="number"><Num value={run.counts[each]} {...(each === "failed" ? { tone: "bad" as const } : {})} /></td>)}
      <td className="number second whole">{run.ended_ms === null ? "" : span(run.ended_ms - run.started_ms)}</td>
      <td className="second">{startedBy(run.kind, run.trigger)}</td>
    </tr>
  );
}
