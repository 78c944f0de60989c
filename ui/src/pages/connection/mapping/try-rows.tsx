// One line for each field that a trial speaks of: what stands there, what it becomes, and why.
import type { Trial } from "../../../api/generated/Trial";
import type { TrialRow } from "../../../api/generated/TrialRow";
import type { TrialState } from "../../../api/generated/TrialState";
import { Icon } from "../../../components/icons";
import { Button } from "../../../components/kit";
import { sentence } from "../../../components/shapes";

/** What waits for a person comes first, then what would be written. */
const RANK: Record<TrialState, number> = { undecided: 0, changes: 1, stays: 2, same: 3 };
/** A tooltip is no place for a whole text. */
const TITLE_MAX = 400;

interface TryRowsProps {
  trial: Trial;
  /** The platform that would be written. */
  there: string;
  show: (row: TrialRow) => void;
}

export function TryRows({ trial, there, show }: TryRowsProps) {
  const rows = [...trial.rows].sort((one, other) => RANK[one.state] - RANK[other.state]);
  return (
    <ul className="try-rows" aria-label={`What ${there} would get`}>
      {rows.map((row) => (row.state === "undecided"
        ? <Undecided key={row.field} row={row} there={there} linked={trial.partner !== null} show={show} />
        : <Decided key={row.field} row={row} />))}
    </ul>
  );
}

function Undecided({ row, there, linked, show }: { row: TrialRow; there: string; linked: boolean; show: (row: TrialRow) => void }) {
  return (
    <li className="try-row try-undecided">
      <p className="try-line">
        <Icon name="error" small />
        <span className="try-label cut">{row.label}</span>
        <span className="try-why">not sent</span>
        <Button size="small" aria-label={`Show the mapping of ${row.label}`} onClick={() => show(row)}>Show</Button>
      </p>
      <p className="try-reason">{sentence(row.reason)}{linked && <> {there} keeps {row.before === "" ? "it empty" : <strong>{row.before}</strong>}.</>}</p>
    </li>
  );
}

function Decided({ row }: { row: TrialRow }) {
  const changes = row.state === "changes";
  const waits = row.state === "stays" && row.after !== null && row.after !== row.before ? row.after : null;
  return (
    <li className={`try-row try-${row.state}`}>
      <p className="try-line"><span className="try-label cut">{row.label}</span><span className="try-why cut" title={row.reason}>{row.reason}</span></p>
      <p className="try-values">
        {changes && row.before !== "" && <s className="try-old" title={cut(row.before)}><span className="hidden-text">was </span>{row.before}</s>}
        {changes && <ins className="try-new" title={cut(row.after ?? "")}><span className="hidden-text"> now </span><Value text={row.after ?? ""} /></ins>}
        {!changes && <span className="try-kept" title={cut(row.before)}><Value text={row.state === "same" ? (row.after ?? row.before) : row.before} /></span>}
        {!changes && <span className="try-state"><span className="hidden-text">, </span>{row.state === "same" ? "same" : "stays"}</span>}
      </p>
      {waits !== null && <p className="try-reason">Not written: {waits}</p>}
    </li>
  );
}

function Value({ text }: { text: string }) {
  return text === "" ? <span className="quiet">empty</span> : <>{text}</>;
}

function cut(text: string): string | undefined {
  return text === "" ? undefined : text.slice(0, TITLE_MAX);
}
