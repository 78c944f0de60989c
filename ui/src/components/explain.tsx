// "Explain this ticket": what each step answered, in order, up to the first no. Reads both platforms, writes nothing.
import type { Answer } from "../api/generated/Answer";
import type { Explanation } from "../api/generated/Explanation";
import type { Step } from "../api/generated/Step";
import { useQuery } from "../api/query";
import { count } from "../lib/format";
import { waysOut } from "../lib/mending";
import { go, write } from "../lib/route";
import { summary } from "../lib/ticket";
import { outcomeMark, type Tone } from "../lib/words";
import { useLive } from "../state/live";
import { Icon, type IconName } from "./icons";
import { Button } from "./kit";
import { OpenTicket, sidesOf } from "./open-ticket";
import { ErrorCard, sentence, Skeleton, Tile } from "./shapes";
import "./explain.css";

interface ExplainProps {
  /** Its name; none when there is only one, or when the ticket tells. */
  connection: string | null;
  ticket: string;
  /** Before it leads to another screen: a dialog around it closes. */
  leave?: () => void;
}

export function Explain({ connection, ticket, leave }: ExplainProps) {
  const { connections } = useLive();
  const { data, error, reload } = useQuery("explain_ticket", { connection, key: ticket });
  if (error !== null) return <ErrorCard title={`${ticket} could not be explained`} error={error} retry={reload} />;
  if (data === null) return <Skeleton rows={4} what={`the explanation of ${ticket}`} />;
  const { explanation } = data;
  const atSource = explanation.side === "source";
  const card = connections.data?.connections.find((one) => one.name === explanation.connection);
  const { partner } = explanation;
  return (
    <section className="explain" aria-label={`Explanation of ${explanation.ticket}`}>
      <div>
        <p className="pick-line">
          <Tile small side={atSource ? data.source_side : data.target_side} role={atSource ? "source" : "target"} />
          <span className="strong">{explanation.title === "" ? explanation.ticket : explanation.title}</span>
        </p>
        <p className="second">{sentence(explanation.verdict)}</p>
      </div>
      <Chain steps={explanation.steps} connection={card?.id ?? null} ticket={explanation.ticket} leave={leave} />
      <LastRuns explanation={explanation} leave={leave} />
      <div className="explain-open">
        <OpenTicket
          keyless size="small" connection={explanation.connection} sides={sidesOf(data)}
          tickets={atSource ? { source: explanation.ticket, target: partner } : { source: partner, target: explanation.ticket }}
        />
      </div>
    </section>
  );
}

const MARKS: Record<Answer, { icon: IconName; tone: Tone; words: string }> = {
  yes: { icon: "checked", tone: "ok", words: "yes" },
  no: { icon: "error", tone: "bad", words: "no" },
  waits: { icon: "clock", tone: "warn", words: "waits" },
  not_reached: { icon: "nothing", tone: "plain", words: "not reached" },
};

interface ChainProps {
  steps: Step[];
  connection: number | null;
  ticket: string;
  leave: (() => void) | undefined;
}

function Chain({ steps, connection, ticket, leave }: ChainProps) {
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
              <span className="chain-ways">
                {waysOut(step, connection, ticket).map((way) => (
                  <Button
                    key={way.label} size="small"
                    onClick={() => {
                      leave?.();
                      go(way.to);
                    }}
                  >
                    {way.label}
                  </Button>
                ))}
              </span>
            </span>
          </li>
        );
      })}
    </ol>
  );
}

function LastRuns({ explanation, leave }: { explanation: Explanation; leave: (() => void) | undefined }) {
  if (explanation.last.length === 0) return null;
  return (
    <section aria-label="In the last runs">
      <h3>In the last runs</h3>
      <ul className="explain-runs">
        {explanation.last.map((ticket) => (
          <li key={ticket.run}>
            <a href={write({ page: "run", run: ticket.run })} onClick={leave}>Run {count(ticket.run)}</a>
            <span className={`tone-${outcomeMark(ticket.outcome).tone}`}>{ticket.label}</span>
            <span>{summary(ticket)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
