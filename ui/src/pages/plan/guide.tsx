// A first run goes in three steps: matches are linked, five tickets are made to look at, then the rest. Each step is a run of its
// own, and what follows is planned anew after it.
import { useEffect, useRef, useState } from "react";
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import type { PlanDetail } from "../../api/generated/PlanDetail";
import type { PlanRowView } from "../../api/generated/PlanRowView";
import { Icon } from "../../components/icons";
import { Button } from "../../components/kit";
import { count, ofWhole, plural } from "../../lib/format";
import { useKept } from "../../lib/kept";
import { write } from "../../lib/route";
import { RESULTS } from "../../lib/words";
import { useLive } from "../../state/live";
import type { Applying } from "./applying";
import type { Reading } from "./reading";
import { writes } from "./tell";

const STEPS = [["link", "Link matches"], ["first", "First 5 tickets"], ["rest", "The rest"]] as const;
type Step = (typeof STEPS)[number][0];
const FIRST = 5;

export interface GuideState {
  /** None where no first run is under way. */
  step: Step | null;
  /** The rows of the step. */
  rows: PlanRowView[];
  complete: boolean;
  /** The run of the step before; 0 where there was none. */
  before: number;
  /** The step's run works: the next plan begins behind it. */
  began: (run: number) => void;
  /** It came to nothing: the same step again. */
  again: () => void;
  finish: () => void;
}

export function useGuide(plan: PlanDetail, connection: ConnectionCard | null, { rows, complete }: Reading): GuideState {
  // Kept until it is done: after the first of its runs the connection counts as one that has run.
  const [kept, keep] = useKept(`first-run.${plan.connection}`, { step: "", run: "" });
  const wanted = STEPS.find(([step]) => step === kept.step)?.[0] ?? (connection?.first_run === true ? "link" : null);
  const links = rows.filter((row) => writes(row) && row.operations.every((operation) => operation.kind === "link"));
  const creates = rows.filter((row) => row.outcome === "created" && writes(row)).slice(0, FIRST);
  const step = wanted === null || wanted === "rest" || !complete ? wanted : links.length > 0 ? "link" : creates.length > 0 ? "first" : "rest";
  const here = STEPS.findIndex(([each]) => each === step);
  return {
    step, complete, before: Number(kept.run) || 0,
    rows: step === "link" ? links : step === "first" ? creates : [],
    began: (run) => keep({ step: STEPS[here + 1]?.[0] ?? "", run: String(run) }),
    again: () => keep({ step: step ?? "", run: "" }),
    finish: () => {
      if (step !== null) keep({ step: "", run: "" });
    },
  };
}

interface GuideProps {
  guide: GuideState;
  plan: PlanDetail;
  applying: Applying;
  /** Why nothing can be applied now. */
  refused: string | null;
  planAgain: () => void;
}

export function Guide({ guide, plan, applying, refused, planAgain }: GuideProps) {
  const { runs } = useLive();
  const [mine, setMine] = useState<{ run: number; step: Step } | null>(null);
  const live = mine === null ? undefined : runs.find((run) => run.run === mine.run);
  const result = live?.result ?? null;
  const went = result === "success" || result === "partial" || result === "nothing_to_do";
  // What comes after it is planned as soon as the step's run has ended, once.
  const next = useRef({ planAgain, again: guide.again });
  useEffect(() => {
    next.current = { planAgain, again: guide.again };
  });
  useEffect(() => {
    if (result === null) return;
    if (went) next.current.planAgain();
    else next.current.again();
  }, [result, went]);

  const step = mine?.step ?? guide.step;
  if (step === null) return null;
  const begin = async () => {
    const run = await applying.only(guide.rows);
    if (run === null || guide.step === null) return;
    setMine({ run, step: guide.step });
    guide.began(run);
  };
  const at = STEPS.findIndex(([each]) => each === step);
  return (
    <section className="plan-guide" aria-label="First run, step by step">
      <ol>
        {STEPS.map(([each, label], place) => (
          <li key={each} aria-current={place === at ? "step" : undefined} className={place < at ? "tone-ok" : place > at ? "quiet" : "strong"}>
            {place < at ? <Icon name="check" small /> : <span className="plan-guide-number" aria-hidden="true">{place + 1}</span>}{label}
          </li>
        ))}
      </ol>
      <p role="status">{live !== undefined && mine !== null ? told(mine.run, live.result, live.counts.done, live.counts.planned) : <About guide={guide} plan={plan} />}</p>
      {mine !== null && (result === null || !went) && <a href={write({ page: "run", run: mine.run })}>See run {count(mine.run)}</a>}
      {mine !== null && result !== null && !went && <Button size="small" icon="sync" onClick={planAgain}>Plan again</Button>}
      {mine === null && step === "rest" && <Button size="small" icon="play" busy={applying.busy} refused={applying.refused} onClick={applying.start}>The rest</Button>}
      {mine === null && step !== "rest" && (
        <Button
          size="small" icon="play" busy={applying.busy} refused={refused ?? (guide.complete ? null : "The rows are still being read.")} onClick={() => void begin()}
        >
          {step === "link" ? "Link matches" : guide.rows.length < FIRST ? `First ${plural(guide.rows.length, "ticket")}` : "First 5 tickets"}
        </Button>
      )}
    </section>
  );
}

function told(run: number, result: keyof typeof RESULTS | null, done: number, planned: number): string {
  if (result === null) return `Run ${count(run)} is at work${planned > 0 ? `, ${ofWhole(done, planned)}` : ""}. What follows is planned when it has ended.`;
  return `Run ${count(run)} ended: ${RESULTS[result].label}.`;
}

function About({ guide, plan }: { guide: GuideState; plan: PlanDetail }) {
  const { step, rows, before } = guide;
  if (!guide.complete) return "The rows are still being read.";
  const look = before > 0 && <>Look at what <a href={write({ page: "run", run: before })}>run {count(before)}</a> wrote, on both sides. </>;
  const changes = plan.outcomes.reduce((sum, each) => sum + (each.outcome === "skipped" || each.outcome === "failed" ? 0 : each.rows), 0);
  if (step === "link") return <>{plural(rows.length, "pair")} of tickets {rows.length === 1 ? "matches" : "match"}. They are linked first, before any ticket is created.</>;
  if (step === "first") return <>{look}Then a few tickets are created, so that you can look at them before the others follow.</>;
  return <>{look}Then the rest: {plural(changes, "change")}.</>;
}
