// The foot of a plan: how much of it is included, and the ways out. A large plan asks once more.
import type { ApiError } from "../../api/generated/ApiError";
import type { PlanDetail } from "../../api/generated/PlanDetail";
import type { PlanRowView } from "../../api/generated/PlanRowView";
import { useAct } from "../../api/query";
import { Button } from "../../components/kit";
import { Question } from "../../components/question";
import { ErrorCard } from "../../components/shapes";
import { count, plural } from "../../lib/format";
import { useKeys } from "../../lib/keys";
import { go } from "../../lib/route";
import { type Applying, CREATES_ASKED, SEEN_ASKED } from "./applying";
import { needsDecision, writes } from "./tell";

interface FootProps {
  plan: PlanDetail;
  rows: PlanRowView[];
  complete: boolean;
  applying: Applying;
  planAgain: () => void;
}

export function Foot({ plan, rows, complete, applying, planAgain }: FootProps) {
  const { all, included, creates, seen, refused, busy, start } = applying;
  const discard = useAct("discard_plan");
  const back = () => go({ page: "sync", connection: plan.connection });
  const drop = async () => {
    if ((await discard.act({ plan: plan.plan })) !== null) back();
  };
  /** What is above the cap waits for the next plan. */
  const first = async () => {
    const rowsIn = rows.filter((row) => writes(row) && row.included).slice(0, CREATES_ASKED);
    if ((await applying.only(rowsIn)) !== null) back();
  };
  useKeys([[{ key: "Enter", ctrl: true }, start]]);
  const button = `Apply ${plural(included, "change")}`;
  return (
    <footer className="plan-foot">
      {applying.error && <Failed title="The plan was not applied" error={applying.error} retry={start} planAgain={planAgain} />}
      {discard.error && <Failed title="The plan was not discarded" error={discard.error} retry={() => void drop()} />}
      <div className="plan-foot-line">
        {all > 0 ? <p><strong>{count(included)} of {count(all)}</strong> <span className="second">changes included</span></p> : <p className="second">Nothing to write</p>}
        <p className="quiet cut plan-foot-rest">{rest(rows)}</p>
        <Button busy={discard.busy} onClick={() => void drop()}>Discard plan</Button>
        {creates > CREATES_ASKED && (
          <Button refused={refused ?? (complete ? null : "The rows are still being read.")} onClick={() => void first()}>Apply first {CREATES_ASKED}</Button>
        )}
        {all > 0 && <Button kind="primary" busy={busy} refused={refused} onClick={start}>{button}</Button>}
      </div>
      {applying.asking && (
        <Question title={`${button} to ${plan.connection_name}?`} confirm={button} confirmed={applying.confirmed} busy={busy} close={applying.stopAsking}>
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

function rest(rows: PlanRowView[]): string {
  const held = rows.filter(needsDecision).length;
  const skipped = rows.filter((row) => !writes(row) && !needsDecision(row)).length;
  const parts = [skipped > 0 ? `${count(skipped)} skipped` : "", held > 0 ? `${count(held)} ${held === 1 ? "needs" : "need"} a decision` : ""].filter(Boolean);
  return parts.length === 0 ? "" : `${parts.join(", ")}.`;
}
