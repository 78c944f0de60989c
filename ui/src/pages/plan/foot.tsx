// The foot of a plan: how much of it is included, and the two ways out. A large plan asks once more.
import { useState } from "react";
import type { ApiError } from "../../api/generated/ApiError";
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import type { PlanDetail } from "../../api/generated/PlanDetail";
import type { PlanRowView } from "../../api/generated/PlanRowView";
import { useAct } from "../../api/query";
import { Button } from "../../components/kit";
import { Question } from "../../components/question";
import { ErrorCard } from "../../components/shapes";
import { count, plural } from "../../lib/format";
import { useKeys } from "../../lib/keys";
import { go } from "../../lib/route";
import { useLive } from "../../state/live";
import { needsDecision, writes } from "./tell";

/** Above these a plan asks once more (ux.md §5). */
const CREATES_ASKED = 200;
const SEEN_ASKED = 25;

interface FootProps {
  plan: PlanDetail;
  connection: ConnectionCard | null;
  rows: PlanRowView[];
  complete: boolean;
  /** Why it cannot be applied now. */
  refused: string | null;
  planAgain: () => void;
}

export function Foot({ plan, connection, rows, complete, refused, planAgain }: FootProps) {
  const { connections } = useLive();
  const run = useAct("run_sync");
  const discard = useAct("discard_plan");
  const [asking, setAsking] = useState(false);
  const { all, included, creates, seen } = sums(plan, rows, complete);
  const why = refused ?? (included === 0 ? "Nothing is included." : null);
  const back = () => go({ page: "sync", connection: plan.connection });

  const apply = async () => {
    // The plan knows from when on it counted; a first run is asked for a start all the same.
    const order = { connection: plan.connection, since_ms: connection?.first_run === true ? 0 : null, plan: plan.plan, confirmed: true };
    const started = await run.act(order);
    setAsking(false);
    if (started === null) return;
    connections.reload();
    back();
  };
  const start = () => {
    if (why !== null || run.busy || asking) return;
    if (creates > CREATES_ASKED || seen > SEEN_ASKED) setAsking(true);
    else void apply();
  };
  const drop = async () => {
    if ((await discard.act({ plan: plan.plan })) !== null) back();
  };
  useKeys([[{ key: "Enter", ctrl: true }, start]]);
  const button = `Apply ${plural(included, "change")}`;
  return (
    <footer className="plan-foot">
      {run.error && <Failed title="The plan was not applied" error={run.error} retry={start} planAgain={planAgain} />}
      {discard.error && <Failed title="The plan was not discarded" error={discard.error} retry={() => void drop()} />}
      <div className="plan-foot-line">
        {all > 0 ? <p><strong>{count(included)} of {count(all)}</strong> <span className="second">changes included</span></p> : <p className="second">Nothing to write</p>}
        <p className="quiet cut plan-foot-rest">{rest(rows)}</p>
        <Button busy={discard.busy} onClick={() => void drop()}>Discard plan</Button>
        {all > 0 && <Button kind="primary" busy={run.busy} refused={why} onClick={start}>{button}</Button>}
      </div>
      {asking && (
        <Question title={`${button} to ${plan.connection_name}?`} confirm={button} confirmed={() => void apply()} busy={run.busy} close={() => setAsking(false)}>
          {creates > CREATES_ASKED && <p>It creates <strong>{plural(creates, "ticket")}</strong>.</p>}
          {seen > SEEN_ASKED && <p>A customer will see <strong>{plural(seen, "thing")}</strong>: public comments, status changes, new tickets.</p>}
        </Question>
      )}
    </footer>
  );
}

function Failed({ title, error, retry, planAgain }: { title: string; error: ApiError; retry: () => void; planAgain?: () => void }) {
  return <ErrorCard title={title} error={error} retry={retry}>{planAgain && <Button onClick={planAgain}>Plan again</Button>}</ErrorCard>;
}

function sums(plan: PlanDetail, rows: PlanRowView[], complete: boolean) {
  const writing = plan.outcomes.filter((each) => each.outcome !== "skipped" && each.outcome !== "failed");
  const creates = writing.find((each) => each.outcome === "created")?.included ?? 0;
  const included = rows.filter((row) => row.included && writes(row)).flatMap((row) => row.operations);
  return {
    all: writing.reduce((sum, each) => sum + each.rows, 0),
    included: writing.reduce((sum, each) => sum + each.included, 0),
    creates,
    // Until all rows are read the whole plan counts: rather one question too many.
    seen: complete ? included.filter((operation) => operation.customer_sees).length : plan.tally.customer_sees,
  };
}

function rest(rows: PlanRowView[]): string {
  const held = rows.filter(needsDecision).length;
  const skipped = rows.filter((row) => !writes(row) && !needsDecision(row)).length;
  const parts = [skipped > 0 ? `${count(skipped)} skipped` : "", held > 0 ? `${count(held)} ${held === 1 ? "needs" : "need"} a decision` : ""].filter(Boolean);
  return parts.length === 0 ? "" : `${parts.join(", ")}.`;
}
