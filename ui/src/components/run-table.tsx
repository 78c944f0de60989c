// The runs of a history as a grid: one Tab stop, arrows and page keys move, Enter opens. A page at a time, what is in sight drawn.
import { type KeyboardEvent, useId, useState } from "react";
import type { ApiError } from "../api/generated/ApiError";
import type { ConnectionCard } from "../api/generated/ConnectionCard";
import type { RunFilter } from "../api/generated/RunFilter";
import type { RunPage } from "../api/generated/RunPage";
import type { RunView } from "../api/generated/RunView";
import { asApiError, useTransport } from "../api/transport";
import { folded } from "../lib/fold";
import { go } from "../lib/route";
import { useLive } from "../state/live";
import { Button } from "./kit";
import { FoldRow, RunRow } from "./run-row";
import { sentence } from "./shapes";
import { VirtualRows } from "./virtual-rows";

/** As history.css has it, with its line. */
const ROW_HEIGHT = 31;
const PAGE = 10;

interface RunTableProps {
  first: RunPage;
  filter: RunFilter;
  list: ConnectionCard[];
  labelledBy: string;
  /** Whether each run says of which connection it is. */
  connections: boolean;
}

type Line = { key: string; run: RunView } | { key: string; fold: RunView[]; open: boolean };

export function RunTable({ first, filter, list, labelledBy, connections }: RunTableProps) {
  const prefix = useId();
  const { runs, before, busy, trouble, load } = useFurther(first, filter);
  const { runs: live } = useLive();
  const working = new Set(live.filter((run) => run.result === null).map((run) => run.run));
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const lines = linesOf(runs, filter.result !== "nothing_to_do", open);
  const toggle = (key: string) => setOpen((had) => flipped(had, key));

  // The line that the keys stand on; none until one was pressed, so that nothing scrolls by itself.
  const [stands, setStands] = useState<{ key: string; at: number } | null>(null);
  const known = stands === null ? 0 : lines.findIndex((line) => line.key === stands.key);
  const at = known >= 0 ? known : Math.min(stands?.at ?? 0, lines.length - 1);
  const here = lines[at];
  const keys = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey || here === undefined) return;
    const to: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + PAGE, PageUp: at - PAGE, Home: 0, End: lines.length - 1 };
    const next = to[event.key];
    if (next !== undefined) {
      const place = Math.max(0, Math.min(lines.length - 1, next));
      setStands({ key: lines[place]?.key ?? "", at: place });
    } else if ("run" in here && event.key === "Enter") go({ page: "run", run: here.run.id });
    else if ("fold" in here && (event.key === "Enter" || event.key === " " || event.key === (here.open ? "ArrowLeft" : "ArrowRight"))) toggle(here.key);
    else return;
    event.preventDefault();
  };
  const columns = connections ? 10 : 9;
  const draw = (place: number) => {
    const line = lines[place];
    if (line === undefined) return null;
    const frame = { id: `${prefix}${line.key}`, index: place + 2, active: place === at };
    if ("run" in line) {
      const { run } = line;
      return <RunRow key={line.key} {...frame} run={run} connection={connections ? (list.find((each) => each.name === run.connection) ?? null) : undefined} working={working.has(run.id)} />;
    }
    return <FoldRow key={line.key} {...frame} columns={columns} runs={line.fold} open={line.open} toggle={() => toggle(line.key)} />;
  };
  return (
    <>
      <table
        role="grid" className="history-table" aria-labelledby={labelledBy} aria-rowcount={before === null ? lines.length + 1 : -1} tabIndex={0} onKeyDown={keys}
        aria-activedescendant={here === undefined ? undefined : `${prefix}${here.key}`}
      >
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col">Run</th><th scope="col">Start</th>{connections && <th scope="col">Connection</th>}<th scope="col">Status</th>
            {["Created", "Updated", "Closed", "Failed", "Took"].map((name) => <th key={name} scope="col" className="number">{name}</th>)}
            <th scope="col">Started by</th>
          </tr>
        </thead>
        <VirtualRows count={lines.length} size={ROW_HEIGHT} columns={columns} draw={draw} at={stands === null ? null : at} />
      </table>
      {trouble !== null && <p className="history-more tone-bad" role="alert">{sentence(trouble.message)}</p>}
      {before !== null && <div className="history-more"><Button kind="quiet" busy={busy} onClick={load}>Show earlier runs</Button></div>}
    </>
  );
}

/** The first page, and those that were asked for behind it. */
function useFurther(first: RunPage, filter: RunFilter) {
  const transport = useTransport();
  const [more, setMore] = useState<RunView[]>([]);
  const [further, setFurther] = useState<number | null | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<ApiError | null>(null);
  const before = further === undefined ? first.before : further;
  const load = () => {
    setBusy(true);
    setTrouble(null);
    transport.call("list_runs", { ...filter, before }).then(
      (page) => {
        setMore((had) => [...had, ...page.runs]);
        setFurther(page.before);
      },
      (thrown: unknown) => setTrouble(asApiError(thrown)),
    ).finally(() => setBusy(false));
  };
  const firstIds = new Set(first.runs.map((run) => run.id));
  return { runs: [...first.runs, ...more.filter((run) => !firstIds.has(run.id))], before, busy, trouble, load };
}

function linesOf(runs: RunView[], fold: boolean, open: ReadonlySet<string>): Line[] {
  return folded(runs, fold).flatMap((item): Line[] => {
    if (item.kind === "run") return [{ key: `run-${item.run.id}`, run: item.run }];
    const key = `fold-${item.runs[0]?.id ?? 0}`;
    const shown = open.has(key) ? item.runs.map((run) => ({ key: `run-${run.id}`, run })) : [];
    return [{ key, fold: item.runs, open: open.has(key) }, ...shown];
  });
}

function flipped<Member>(set: ReadonlySet<Member>, member: Member): ReadonlySet<Member> {
  const next = new Set(set);
  if (!next.delete(member)) next.add(member);
  return next;
}
