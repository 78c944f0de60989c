// The five phases of a run with what each came to.
import type { RunProgress } from "../../api/generated/RunProgress";
import { Icon } from "../../components/icons";
import { count, ofWhole } from "../../lib/format";
import { PHASES } from "../../lib/words";

type Standing = "done" | "now" | "waiting" | "failed" | "later";

export function Phases({ run, waiting }: { run: RunProgress; waiting: boolean }) {
  const at = PHASES.findIndex((each) => each.phase === run.phase);
  return (
    <ol className="phases" aria-label="Phases">
      {PHASES.map(({ phase, label }, place) => {
        const standing = stands(run, place, at, waiting);
        return (
          <li key={phase} className={`phase phase-${standing}`} aria-current={standing === "now" || standing === "waiting" ? "step" : undefined}>
            <span className="phase-dot"><Glyph standing={standing} /></span>
            <span className="phase-name">{label}</span>
            <span className="phase-text">{told(run, place, standing)}</span>
          </li>
        );
      })}
    </ol>
  );
}

function stands(run: RunProgress, place: number, at: number, waiting: boolean): Standing {
  if (run.result === "success" || run.result === "partial" || run.result === "nothing_to_do") return "done";
  if (place < at) return "done";
  if (place > at) return "later";
  if (run.result !== null) return "failed";
  return waiting ? "waiting" : "now";
}

function Glyph({ standing }: { standing: Standing }) {
  switch (standing) {
    case "done":
      return <Icon name="check" small />;
    case "now":
      return <Icon name="arc" turning />;
    case "waiting":
      return <Icon name="clock" small />;
    case "failed":
      return <Icon name="close" small />;
    case "later":
      return null;
  }
}

function told(run: RunProgress, place: number, standing: Standing): string {
  if (standing === "later") return "not yet";
  const { counts } = run;
  switch (PHASES[place]?.phase) {
    case "sign_in":
      return standing === "done" ? "both sides" : standing === "failed" ? "refused" : "asking both";
    case "read":
      return `${count(counts.read)} read`;
    case "plan":
      return `${count(counts.planned)} to write`;
    case "write":
      return counts.planned === 0 ? "nothing" : ofWhole(counts.done, counts.planned);
    case "confirm":
      return standing === "done" ? "all recorded" : "recording";
    default:
      return "";
  }
}
