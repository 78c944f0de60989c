// One run of the history, and the line that stands for several.
import type { ConnectionCard } from "../api/generated/ConnectionCard";
import type { RunView } from "../api/generated/RunView";
import { useTransport } from "../api/transport";
import { count, moment, plural, span } from "../lib/format";
import { go, write } from "../lib/route";
import { INTERRUPTED, resultMark, startedBy } from "../lib/words";
import { Icon } from "./icons";
import { Moment, Num, TilePair } from "./shapes";

interface Frame {
  id: string;
  /** Which row of the table it is, the head counted. */
  index: number;
  /** The keys stand on it. */
  active: boolean;
}

interface RunRowProps extends Frame {
  run: RunView;
  /** `undefined`: all runs are of one connection, so none says which. */
  connection: ConnectionCard | null | undefined;
  working: boolean;
}

export function RunRow({ id, index, active, run, connection, working }: RunRowProps) {
  const now = useTransport().now();
  // Without a result and not at work: a crash left it so.
  const mark = run.result === null && !working ? INTERRUPTED : resultMark(run.result);
  const to = { page: "run", run: run.id } as const;
  return (
    <tr id={id} aria-rowindex={index} aria-selected={active} className={active ? "history-row history-active" : "history-row"} onClick={() => go(to)}>
      <th scope="row"><a href={write(to)} tabIndex={-1} aria-label={`Run ${run.id}`} onClick={(event) => event.stopPropagation()}>{count(run.id)}</a></th>
      <td><Moment ms={run.started_ms}>{moment(run.started_ms, now)}</Moment></td>
      {connection !== undefined && (
        <td className="history-of">
          <span className="history-name">
            {connection !== null && <TilePair small source={connection.source_side} target={connection.target_side} flow={connection.flow} />}
            <span className="cut">{run.connection}</span>
          </span>
        </td>
      )}
      <td><span className={`history-status tone-${mark.tone}`}><Icon name={mark.icon} small />{mark.label}</span></td>
      <td className="number"><Num value={run.counts.created} /></td>
      <td className="number"><Num value={run.counts.updated} /></td>
      <td className="number"><Num value={run.counts.closed} /></td>
      <td className="number"><Num value={run.counts.failed} tone="bad" /></td>
      <td className="number second whole">{run.ended_ms === null ? "" : span(run.ended_ms - run.started_ms)}</td>
      <td className="history-by"><span className="second">{startedBy(run.kind, run.trigger)}</span><Icon name="next" small /></td>
    </tr>
  );
}

interface FoldRowProps extends Frame {
  runs: RunView[];
  columns: number;
  open: boolean;
  toggle: () => void;
}

export function FoldRow({ id, index, active, runs, columns, open, toggle }: FoldRowProps) {
  const now = useTransport().now();
  const [newest, oldest] = [runs[0], runs.at(-1)];
  if (newest === undefined || oldest === undefined) return null;
  return (
    <tr id={id} aria-rowindex={index} aria-selected={active} className={active ? "history-fold history-active" : "history-fold"}>
      <td colSpan={columns}>
        <button type="button" tabIndex={-1} aria-expanded={open} onClick={toggle}>
          <Icon name={open ? "down" : "next"} small />
          {plural(runs.length, "check")} found nothing, {moment(oldest.started_ms, now)} to {moment(newest.started_ms, now)}
        </button>
      </td>
    </tr>
  );
}
