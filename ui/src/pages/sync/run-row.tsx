// One run of the history, and the line that stands for several.
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import type { RunView } from "../../api/generated/RunView";
import { useTransport } from "../../api/transport";
import { Icon } from "../../components/icons";
import { Moment, Num, TilePair } from "../../components/shapes";
import { count, moment, plural, span } from "../../lib/format";
import { go, write } from "../../lib/route";
import { INTERRUPTED, resultMark, startedBy } from "../../lib/words";

export function RunRow({ run, list, working }: { run: RunView; list: ConnectionCard[]; working: boolean }) {
  const now = useTransport().now();
  const connection = list.find((each) => each.name === run.connection);
  // Without a result and not at work: a crash left it so.
  const mark = run.result === null && !working ? INTERRUPTED : resultMark(run.result);
  const to = { page: "run", run: run.id } as const;
  return (
    <tr className="history-row" onClick={() => go(to)}>
      <th scope="row"><a href={write(to)} aria-label={`Run ${run.id}`} onClick={(event) => event.stopPropagation()}>{count(run.id)}</a></th>
      <td><Moment ms={run.started_ms}>{moment(run.started_ms, now)}</Moment></td>
      <td>
        <span className="history-name">
          {connection && <TilePair small source={connection.source_side} target={connection.target_side} flow={connection.flow} />}
          <span className="cut">{run.connection}</span>
        </span>
      </td>
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

export function FoldRow({ runs, open, toggle }: { runs: RunView[]; open: boolean; toggle: () => void }) {
  const now = useTransport().now();
  const [newest, oldest] = [runs[0], runs.at(-1)];
  if (newest === undefined || oldest === undefined) return null;
  return (
    <tr className="history-fold">
      <td colSpan={10}>
        <button type="button" aria-expanded={open} onClick={toggle}>
          <Icon name={open ? "down" : "next"} small />
          {plural(runs.length, "check")} found nothing, {moment(oldest.started_ms, now)} to {moment(newest.started_ms, now)}
        </button>
      </td>
    </tr>
  );
}
