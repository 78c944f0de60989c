// The history of runs, with filters that are kept; checks that found nothing fold into one line.
import { useEffect, useMemo, useState } from "react";
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import type { RunPage } from "../../api/generated/RunPage";
import type { RunResult } from "../../api/generated/RunResult";
import type { RunView } from "../../api/generated/RunView";
import { useQuery } from "../../api/query";
import { asApiError, useTransport } from "../../api/transport";
import { Button, Select } from "../../components/kit";
import { Empty, ErrorCard, LoadingLine, Skeleton } from "../../components/shapes";
import { VirtualRows } from "../../components/virtual-rows";
import { useKept } from "../../lib/kept";
import { RESULTS } from "../../lib/words";
import { useLive } from "../../state/live";
import { folded } from "./fold";
import { FoldRow, RunRow } from "./run-row";

type Period = "day" | "week" | "month" | "all";
/** As sync.css has it, with its line. */
const ROW_HEIGHT = 31;
const DAY = 86_400_000;
const PERIODS: { value: Period; label: string; ms: number | null }[] = [
  { value: "day", label: "Last 24 hours", ms: DAY },
  { value: "week", label: "Last 7 days", ms: 7 * DAY },
  { value: "month", label: "Last 30 days", ms: 30 * DAY },
  { value: "all", label: "Any time", ms: null },
];

export function History({ list, only }: { list: ConnectionCard[]; only: number | null }) {
  const { ended } = useLive();
  const transport = useTransport();
  const [kept, keep] = useKept("history", { connection: "all", result: "any", period: "week" });
  const connection = only === null ? kept.connection : String(only);
  const period = PERIODS.find((each) => each.value === kept.period) ?? PERIODS[1];
  // Whole minutes, so that looking again does not ask for another page each time.
  const sinceMs = useMemo(() => (period?.ms == null ? null : Math.floor((transport.now() - period.ms) / 60_000) * 60_000), [period, transport]);
  const filter = {
    connection: list.some((each) => String(each.id) === connection) ? Number(connection) : null,
    result: kept.result in RESULTS ? (kept.result as RunResult) : null,
    since_ms: sinceMs,
    before: null,
  };
  const page = useQuery("list_runs", filter);
  const { reload } = page;
  useEffect(() => {
    if (ended > 0) reload();
  }, [ended, reload]);

  const none = (filter.result === null && period?.ms === null) || list.every((each) => each.last_run === null);

  return (
    <section className="history" aria-labelledby="history-title">
      <div className="history-head">
        <h2 id="history-title">History</h2>
        <div className="history-filters">
          {only === null && (
            <Select
              small labelHidden label="Connection of the history" value={connection} change={(value) => keep({ ...kept, connection: value })}
              options={[{ value: "all", label: "All connections" }, ...list.map((each) => ({ value: String(each.id), label: each.name }))]}
            />
          )}
          <Select
            small labelHidden label="Status of the history" value={filter.result ?? "any"} change={(value) => keep({ ...kept, result: value })}
            options={[{ value: "any", label: "Any status" }, ...(Object.keys(RESULTS) as RunResult[]).map((value) => ({ value, label: RESULTS[value].label }))]}
          />
          <Select small labelHidden label="Period of the history" value={period?.value ?? "week"} change={(value) => keep({ ...kept, period: value })} options={PERIODS} />
        </div>
      </div>
      <div className="card history-card">
        <LoadingLine on={page.loading && page.data !== null} />
        {page.error && <ErrorCard title="The history could not be read" error={page.error} retry={reload} />}
        {page.data === null && page.error === null && <Skeleton rows={5} what="runs" />}
        {page.data?.runs.length === 0 && (
          <Empty
            title={none ? "No runs yet" : "No runs here"}
            actions={none ? null : <Button onClick={() => keep({ connection: "all", result: "any", period: "all" })}>Show all</Button>}
          >
            {none ? "Runs are listed here, ticket by ticket." : filter.result === null ? `Nothing ran${period?.ms === null ? "" : ` in this period: ${period?.label.toLowerCase() ?? ""}`}.` : `No run ended as ${RESULTS[filter.result].label} in this period.`}
          </Empty>
        )}
        {page.data !== null && page.data.runs.length > 0 && <Runs key={JSON.stringify(filter)} first={page.data} filter={filter} list={list} />}
      </div>
    </section>
  );
}

interface RunsProps {
  first: RunPage;
  filter: { connection: number | null; result: RunResult | null; since_ms: number | null; before: null };
  list: ConnectionCard[];
}

function Runs({ first, filter, list }: RunsProps) {
  const transport = useTransport();
  const [more, setMore] = useState<RunView[]>([]);
  const [further, setFurther] = useState<number | null | undefined>(undefined);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const before = further === undefined ? first.before : further;
  const { runs: live } = useLive();
  const working = new Set(live.filter((run) => run.result === null).map((run) => run.run));
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const load = async () => {
    setBusy(true);
    try {
      const page = await transport.call("list_runs", { ...filter, before });
      setMore((had) => [...had, ...page.runs]);
      setFurther(page.before);
      setTrouble(null);
    } catch (thrown) {
      setTrouble(asApiError(thrown).message);
    } finally {
      setBusy(false);
    }
  };
  const firstIds = new Set(first.runs.map((run) => run.id));
  const runs = [...first.runs, ...more.filter((run) => !firstIds.has(run.id))];
  const lines = folded(runs, filter.result !== "nothing_to_do").flatMap((item) => {
    if (item.kind === "run") return [item];
    const [newest] = item.runs;
    const shown = newest !== undefined && open.has(newest.id) ? item.runs.map((run) => ({ kind: "run" as const, run })) : [];
    return [item, ...shown];
  });
  const draw = (at: number) => {
    const line = lines[at];
    if (line === undefined) return null;
    if (line.kind === "run") return <RunRow key={line.run.id} run={line.run} list={list} working={working.has(line.run.id)} />;
    const newest = line.runs[0]?.id ?? 0;
    return <FoldRow key={`fold ${newest}`} runs={line.runs} open={open.has(newest)} toggle={() => setOpen((had) => flipped(had, newest))} />;
  };
  return (
    <>
      <table className="history-table" aria-labelledby="history-title" aria-rowcount={before === null ? lines.length + 1 : -1}>
        <thead>
          <tr>
            <th scope="col">Run</th><th scope="col">Start</th><th scope="col">Connection</th><th scope="col">Status</th>
            {["Created", "Updated", "Closed", "Failed", "Took"].map((name) => <th key={name} scope="col" className="number">{name}</th>)}
            <th scope="col">Started by</th>
          </tr>
        </thead>
        <VirtualRows count={lines.length} size={ROW_HEIGHT} columns={10} draw={draw} />
      </table>
      {trouble !== null && <p className="history-more tone-bad" role="alert">{trouble}</p>}
      {before !== null && <div className="history-more"><Button kind="quiet" busy={busy} onClick={() => void load()}>Show earlier runs</Button></div>}
    </>
  );
}

function flipped(set: ReadonlySet<number>, member: number): ReadonlySet<number> {
  const next = new Set(set);
  if (!next.delete(member)) next.add(member);
  return next;
}
