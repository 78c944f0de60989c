// What the checker found: errors, then warnings, then notes, each with its place, a sentence and one button.
import { useState } from "react";
import type { FoundProblem } from "../../../api/generated/FoundProblem";
import type { Level } from "../../../api/generated/Level";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { useTransport } from "../../../api/transport";
import { Icon, type IconName } from "../../../components/icons";
import { Button, Pill } from "../../../components/kit";
import { moment, plural } from "../../../lib/format";
import type { Check } from "../editing/document";
import { type Act, actOf } from "./acts";
import type { Offers } from "./offer";
import { whereOf } from "./words";

const LEVELS: { level: Level; word: string; tone: "bad" | "warn" | "plain"; icon: IconName }[] = [
  { level: "error", word: "error", tone: "bad", icon: "error" },
  { level: "warning", word: "warning", tone: "warn", icon: "warning" },
  { level: "note", word: "note", tone: "plain", icon: "nothing" },
];

interface ProblemsProps {
  check: Check;
  types: TypeMapping[];
  offers: Offers;
  /** When the fields that were checked against were read, the older side. */
  readMs: number | null;
  current: number;
  show: (problem: FoundProblem) => void;
  act: (problem: FoundProblem, act: Act) => void;
}

export function Problems({ check, types, offers, readMs, current, show, act }: ProblemsProps) {
  const [open, setOpen] = useState(true);
  const now = useTransport().now();
  const { problems, unchecked, checkedMs, error } = check;
  const counts = LEVELS.map((each) => ({ ...each, count: problems.filter((problem) => problem.level === each.level).length }));
  const nothing = problems.length === 0 && unchecked.length === 0 && checkedMs !== null;
  const when = checkedMs === null ? "Checking" : `Checked ${moment(checkedMs, now)}${readMs === null ? "" : ` against fields read ${moment(readMs, now)}`}`;
  return (
    <section className="problems" id="pane-problems" aria-label="Problems">
      <header>
        <h2>Problems</h2>
        {counts.map((each) => each.count > 0 && <Pill key={each.level} tone={each.tone} icon={each.icon}>{plural(each.count, each.word)}</Pill>)}
        {nothing && <Pill tone="ok" icon="check">None</Pill>}
        {unchecked.length > 0 && <Pill icon="nothing">{unchecked.join(", ")} not checked</Pill>}
        <p className="problems-why cut">{check.errors > 0 ? "Automatic sync keeps using the saved mapping until the error is fixed." : ""}</p>
        {error === null ? <span className="problems-when quiet">{when}</span> : <span className="problems-when tone-bad" role="alert">Not checked: {error.message}</span>}
        {error !== null && <Button size="small" onClick={check.again}>Check again</Button>}
        <kbd className="problems-key">F8</kbd>
        <Button kind="quiet" size="small" className="button-icon" tabIndex={0} aria-label={open ? "Hide problems" : "Show problems"} aria-expanded={open} onClick={() => setOpen(!open)}><Icon name={open ? "down" : "up"} small /></Button>
      </header>
      {open && problems.length > 0 && (
        <ul>
          {problems.map((problem, at) => (
            <Row
              key={`${problem.code} ${problem.place_label} ${at}`} problem={problem} current={at === current} where={whereOf(problem, types, offers)} fresh={check.fresh}
              act={actOf(problem, types.find((type) => type.name === problem.place.type_mapping), offers)} show={show} run={act}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

interface RowProps {
  problem: FoundProblem;
  current: boolean;
  where: string;
  fresh: boolean;
  act: Act | null;
  show: (problem: FoundProblem) => void;
  run: (problem: FoundProblem, act: Act) => void;
}

function Row({ problem, current, where, fresh, act, show, run }: RowProps) {
  const level = LEVELS.find((each) => each.level === problem.level);
  // What changes the mapping does so to the one that was checked.
  const stale = act?.do === "mend" && !fresh ? "The mapping is being checked again." : null;
  return (
    <li className={current ? `problem-current problem-${problem.level}` : ""} aria-current={current || undefined}>
      <span className={level === undefined ? "" : `tone-${level.tone}`}>{level && <Icon name={level.icon} />}<span className="hidden-text">{problem.level}: </span></span>
      <button type="button" className="problem-where cut" title={where} onClick={() => show(problem)}>{where}</button>
      <span className="problem-what cut" title={`${problem.message} ${problem.fix}`}>{problem.message} <span className="problem-fix">{problem.fix}</span></span>
      {act !== null && <Button size="small" refused={stale} onClick={() => run(problem, act)}>{act.label}</Button>}
    </li>
  );
}
