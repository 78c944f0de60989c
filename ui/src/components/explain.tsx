// "Explain this ticket": what each step answered, in order, up to the first no. Reads both platforms, writes nothing.
import type { Answer } from "../api/generated/Answer";
import type { Explanation } from "../api/generated/Explanation";
import type { Step } from "../api/generated/Step";
import { useQuery } from "../api/query";
import { count } from "../lib/format";
import { write } from "../lib/route";
import { summary } from "../lib/ticket";
import { outcomeMark, type Tone } from "../lib/words";
import { Icon, type IconName } from "./icons";
import { ErrorCard, sentence, Skeleton, Tile } from "./shapes";
import "./explain.css";

interface ExplainProps {
  /** Its name; none when there is only one, or when the ticket tells. */
  connection: string | null;
  ticket: string;
}

export function Explain({ connection, ticket }: ExplainProps) {
  const { data, error, reload } = useQuery("explain_ticket", { connection, key: ticket });
  if (error !== null) return <ErrorCard title={`${ticket} could not be explained`} error={error} retry={reload} />;
  if (data === null) return <Skeleton rows={4} what={`the explanation of ${ticket}`} />;
  const { explanation } = data;
  const atSource = explanation.side === "source";
  return (
    <section className="explain" aria-label={`Explanation of ${explanation.ticket}`}>
      <div>
        <p className="pick-line">
          <Tile small side={atSource ? data.source_side : data.target_side} role={atSource ? "source" : "target"} />
          <span className="strong">{explanation.title === "" ? explanation.ticket : explanation.title}</span>
        </p>
        <p className="second">{sentence(explanation.verdict)}</p>
      </div>
      <Chain steps={explanation.steps} />
      <LastRuns explanation={explanation} />
    </section>
  );
}

const MARKS: Record<Answer, { icon: IconName; tone: Tone; words: string }> = {
  yes: { icon: "checked", tone: "ok", words: "yes" },
  no: { icon: "error", tone: "bad", words: "no" },
  waits: { icon: "clock", tone: "warn", words: "waits" },
  not_reached: { icon: "nothing", tone: "plain", words: "not reached" },
};

function Chain({ steps }: { steps: Step[] }) {
  const first = steps.findIndex((step) => step.answer === "no");
  return (
    <ol className="chain" aria-label="What each step answered">
      {steps.map((step, at) => {
        const mark = MARKS[step.answer];
        const kind = at === first ? "chain-no" : step.answer === "not_reached" ? "chain-later" : undefined;
        return (
          <li key={`${step.name} ${at}`} className={kind}>
            <span className={`tone-${mark.tone}`}><Icon name={mark.icon} /></span>
            <span className="chain-name">{step.name}<span className="hidden-text">: {mark.words}.</span></span>
            <span className="chain-detail">
              <span className="chain-said">{sentence(step.detail)}</span>
              {step.fix !== null && <span className="chain-fix"><span className="quiet">Fix</span> {sentence(step.fix)}</span>}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

function LastRuns({ explanation }: { explanation: Explanation }) {
  if (explanation.last.length === 0) return null;
  return (
    <section aria-label="In the last runs">
      <h3>In the last runs</h3>
      <ul className="explain-runs">
        {explanation.last.map((ticket) => (
          <li key={ticket.run}>
            <a href={write({ page: "run", run: ticket.run })}>Run {count(ticket.run)}</a>
            <span className={`tone-${outcomeMark(ticket.outcome).tone}`}>{ticket.label}</span>
            <span>{summary(ticket)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
