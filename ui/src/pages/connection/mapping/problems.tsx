// What the checker found: errors, then warnings, then notes, each with its place, a sentence and one button.
import { useState } from "react";
import type { FoundProblem } from "../../../api/generated/FoundProblem";
import type { Level } from "../../../api/generated/Level";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { useTransport } from "../../../api/transport";
import { Icon, type IconName } from "../../../components/icons";
import { Button, Pill } from "../../../components/kit";
import { moment, plural } from "../../../lib/format";
import type { Offers } from "./offer";
import type { Check } from "../editing/document";
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
  current: number;
  show: (problem: FoundProblem) => void;
  fix: (problem: FoundProblem) => void;
}

export function Problems({ check, types, offers, current, show, fix }: ProblemsProps) {
  const [open, setOpen] = useState(true);
  const now = useTransport().now();
  const { problems, unchecked, checkedMs, error } = check;
  const counts = LEVELS.map((each) => ({ ...each, count: problems.filter((problem) => problem.level === each.level).length }));
  const errors = counts[0]?.count ?? 0;
  const nothing = problems.length === 0 && unchecked.length === 0 && checkedMs !== null;
  return (
    <section className="problems" id="pane-problems" aria-label="Problems">
      <header>
        <h2>Problems</h2>
        {counts.map((each) => each.count > 0 && <Pill key={each.level} tone={each.tone} icon={each.icon}>{plural(each.count, each.word)}</Pill>)}
        {nothing && <Pill tone="ok" icon="check">None</Pill>}
        {unchecked.length > 0 && <Pill icon="nothing">{unchecked.join(", ")} not checked</Pill>}
        <p className="problems-why cut">{errors > 0 ? "Automatic sync keeps using the saved mapping until the error is fixed." : ""}</p>
        {error === null
          ? <span className="problems-when quiet">{checkedMs === null ? "Checking" : `Checked against both platforms ${moment(checkedMs, now)}`}</span>
          : <span className="problems-when tone-bad" role="alert">Not checked: {error.message}</span>}
        {error !== null && <Button size="small" onClick={check.again}>Check again</Button>}
        <kbd className="problems-key">F8</kbd>
        <Button kind="quiet" size="small" className="button-icon" tabIndex={0} aria-label={open ? "Hide problems" : "Show problems"} aria-expanded={open} onClick={() => setOpen(!open)}><Icon name={open ? "down" : "up"} small /></Button>
      </header>
      {open && problems.length > 0 && (
        <ul>
          {problems.map((problem, at) => {
            const level = LEVELS.find((each) => each.level === problem.level) ?? LEVELS[2];
            const [remedy] = problem.remedies;
            return (
              <li key={`${problem.code} ${problem.place_label} ${at}`} className={at === current ? `problem-current problem-${problem.level}` : ""} aria-current={at === current || undefined}>
                <span className={level === undefined ? "" : `tone-${level.tone}`}>{level && <Icon name={level.icon} />}<span className="hidden-text">{problem.level}: </span></span>
                <button type="button" className="problem-where cut" title="Show the row" onClick={() => show(problem)}>{whereOf(problem, types, offers)}</button>
                <span className="problem-what cut" title={`${problem.message} ${problem.fix}`}>{problem.message}</span>
                {remedy !== undefined
                  ? <Button size="small" refused={check.fresh ? null : "The mapping is being checked again."} onClick={() => fix(problem)}>{remedy.label}</Button>
                  : problem.place.part === "field" && <Button size="small" onClick={() => show(problem)}>Show</Button>}
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
