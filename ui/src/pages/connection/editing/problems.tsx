// What the checker says about a place, drawn at that place.
import type { FoundProblem } from "../../../api/generated/FoundProblem";
import type { Level } from "../../../api/generated/Level";
import { Icon, type IconName } from "../../../components/icons";
import type { Tab } from "../../../lib/route";
import type { Tone } from "../../../lib/words";

export const LEVELS: Record<Level, { label: string; tone: Tone; icon: IconName }> = {
  error: { label: "Error", tone: "bad", icon: "error" },
  warning: { label: "Warning", tone: "warn", icon: "warning" },
  note: { label: "Note", tone: "accent", icon: "info" },
};

export function Problems({ problems }: { problems: FoundProblem[] }) {
  if (problems.length === 0) return null;
  return (
    <ul className="edit-problems" aria-label="Problems" tabIndex={-1}>
      {problems.map((problem, at) => {
        const level = LEVELS[problem.level];
        return (
          <li key={at} className={`problem edit-problem-${problem.level}`}>
            <Icon name={level.icon} small />
            <p><span className="hidden-text">{level.label}: </span>{problem.message} <span className="second">{problem.fix}</span></p>
          </li>
        );
      })}
    </ul>
  );
}

/** The worst level among problems; null where there is none but notes. */
export function worst(problems: FoundProblem[]): "error" | "warning" | null {
  if (problems.some((problem) => problem.level === "error")) return "error";
  return problems.some((problem) => problem.level === "warning") ? "warning" : null;
}

/** The tab where a problem can be mended. */
export function tabOf({ place, code }: FoundProblem): Tab {
  switch (place.part) {
    case "field":
      return "mapping";
    case "template":
      return "templates";
    case "whole":
      return code === "required_on_create" ? "mapping" : code === "no_template" || code === "fallback_missing" ? "templates" : "setup";
    default:
      return "setup";
  }
}
