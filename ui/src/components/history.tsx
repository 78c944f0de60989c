// The history of runs, of all connections or of one, with filters that are kept; checks that found nothing fold into one line.
import { type ReactNode, useEffect, useId, useMemo, useState } from "react";
import type { ConnectionCard } from "../api/generated/ConnectionCard";
import type { RunFilter } from "../api/generated/RunFilter";
import type { RunResult } from "../api/generated/RunResult";
import { useQuery } from "../api/query";
import { useTransport } from "../api/transport";
import { useKept } from "../lib/kept";
import { RESULTS } from "../lib/words";
import { useLive } from "../state/live";
import { Button, Select } from "./kit";
import { RunTable } from "./run-table";
import { Empty, ErrorCard, LoadingLine, Skeleton } from "./shapes";
import "./history.css";

type Period = "day" | "week" | "month" | "all";
const DAY = 86_400_000;
const PERIODS: { value: Period; label: string; ms: number | null }[] = [
  { value: "day", label: "Last 24 hours", ms: DAY },
  { value: "week", label: "Last 7 days", ms: 7 * DAY },
  { value: "month", label: "Last 30 days", ms: 30 * DAY },
  { value: "all", label: "Any time", ms: null },
];

interface HistoryProps {
  title: string;
  list: ConnectionCard[];
  /** Of this connection alone; nothing else can be chosen. */
  only?: ConnectionCard;
  /** The connection that the screen is about: the filter follows it until somebody chooses otherwise. */
  asked?: number | null;
  /** What to do about a history without any run. */
  begin?: ReactNode;
}

export function History({ title, list, only, asked = null, begin = null }: HistoryProps) {
  const { ended } = useLive();
  const transport = useTransport();
  const head = useId();
  const [kept, keep] = useKept("history", { connection: "all", result: "any", period: "week" });
  const [instead, setInstead] = useState<{ of: number | null; connection: string } | null>(null);
  const followed = asked === null ? kept.connection : String(asked);
  const connection = only !== undefined ? String(only.id) : instead?.of === asked ? instead.connection : followed;
  const cards = only === undefined ? list : [only];
  const period = PERIODS.find((each) => each.value === kept.period) ?? PERIODS[1];
  // Whole minutes, so that looking again does not ask for another page each time.
  const sinceMs = useMemo(() => (period?.ms == null ? null : Math.floor((transport.now() - period.ms) / 60_000) * 60_000), [period, transport]);
  const filter: RunFilter = {
    connection: cards.some((each) => String(each.id) === connection) ? Number(connection) : null,
    result: kept.result in RESULTS ? (kept.result as RunResult) : null,
    since_ms: sinceMs,
    before: null,
  };
  const page = useQuery("list_runs", filter);
  const { reload } = page;
  useEffect(() => {
    if (ended > 0) reload();
  }, [ended, reload]);

  const choose = (next: string) => {
    setInstead({ of: asked, connection: next });
    keep({ ...kept, connection: next });
  };
  const all = () => {
    setInstead({ of: asked, connection: "all" });
    keep({ connection: only === undefined ? "all" : kept.connection, result: "any", period: "all" });
  };
  const none = (filter.result === null && period?.ms === null && filter.connection === null) || cards.every((each) => each.last_run === null);

  return (
    <section className="history" aria-labelledby={head}>
      <div className="history-head">
        <h2 id={head}>{title}</h2>
        <div className="history-filters">
          {only === undefined && (
            <Select
              small labelHidden label="Connection of the history" value={filter.connection === null ? "all" : connection} change={choose}
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
          <Empty title={none ? "No runs yet" : "No runs here"} actions={none ? begin : <Button onClick={all}>Show all</Button>}>
            {none ? "Runs are listed here, ticket by ticket." : why(filter.result, period?.ms === null ? null : (period?.label ?? ""))}
          </Empty>
        )}
        {page.data !== null && page.data.runs.length > 0 && (
          <RunTable key={JSON.stringify(filter)} first={page.data} filter={filter} list={list} labelledBy={head} connections={only === undefined} />
        )}
      </div>
    </section>
  );
}

function why(result: RunResult | null, period: string | null): string {
  const when = period === null ? "" : ` in this period: ${period.toLowerCase()}`;
  return result === null ? `Nothing ran${when}.` : `No run ended as ${RESULTS[result].label}${when}.`;
}
