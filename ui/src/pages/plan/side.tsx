// Beside the rows: what stops the plan, what a customer will see, what needs a decision, and why it is safe to apply.
import type { PlanDetail } from "../../api/generated/PlanDetail";
import type { PlanRowView } from "../../api/generated/PlanRowView";
import { useTransport } from "../../api/transport";
import { Icon } from "../../components/icons";
import { Moment, sentence } from "../../components/shapes";
import { count, moment, plural } from "../../lib/format";
import { write } from "../../lib/route";
import { seen } from "./line";
import { needsDecision, tickets } from "./tell";

/** Tickets named before the rest is only counted. */
const NAMED = 4;

interface SideProps {
  plan: PlanDetail;
  rows: PlanRowView[];
  complete: boolean;
}

export function Side({ plan, rows, complete }: SideProps) {
  const now = useTransport().now();
  return (
    <aside className="plan-side" aria-label="Before you apply">
      {plan.reasons.length > 0 && (
        <section aria-labelledby="plan-reasons">
          <h2 id="plan-reasons">Look at this first</h2>
          <ul className="plan-points">
            {plan.reasons.map((reason) => (
              <li key={reason.sentence} className={reason.can_order ? "tone-warn" : "tone-bad"}>
                <Icon name={reason.can_order ? "warning" : "error"} small />
                <div>
                  <p>{sentence(reason.sentence)}</p>
                  <p className="quiet">{reason.can_order ? "Applying says that this is meant." : "It must be mended before the plan can be applied."}</p>
                </div>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section aria-labelledby="plan-seen">
        <h2 id="plan-seen">{seen(plan)}</h2>
        <Seen plan={plan} rows={rows} complete={complete} />
      </section>
      <Decisions plan={plan} rows={rows} />
      <section aria-labelledby="plan-safe">
        <h2 id="plan-safe">Safe to apply</h2>
        <dl className="plan-facts">
          <div><dt>Checked again on write</dt><dd>Every ticket</dd></div>
          <div><dt>Changed meanwhile</dt><dd>Left out</dd></div>
          <div><dt>Kept until</dt><dd><Moment ms={plan.kept_until_ms}>{moment(plan.kept_until_ms, now)}</Moment></dd></div>
        </dl>
      </section>
    </aside>
  );
}

const THINGS: Record<string, [string, string]> = {
  comment: ["public comment", "public comments"], edit_comment: ["edited comment", "edited comments"], attachment: ["file", "files"],
  status: ["status change", "status changes"], create: ["new ticket", "new tickets"], update: ["change of fields", "changes of fields"], link: ["link", "links"],
};

function Seen({ plan, rows, complete }: SideProps) {
  const { source_side: source, target_side: target } = plan;
  if (!complete) return <p className="second">{plural(plan.tally.customer_sees, "thing")} in the whole plan. The rows are still being read.</p>;
  const included = rows.filter((row) => row.included).flatMap((row) => row.operations);
  const counts = new Map<string, number>();
  for (const operation of included.filter((each) => each.customer_sees)) {
    const key = `${operation.kind} ${operation.side}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const internal = included.filter((each) => !each.customer_sees && each.kind === "comment").length;
  return (
    <ul className="plan-points">
      {[...counts].map(([key, value]) => {
        const [kind = "", side] = key.split(" ");
        const [one, many] = THINGS[kind] ?? ["thing", "things"];
        return <li key={key} className="tone-accent"><Icon name="eye" small /><p>{plural(value, one, many)} in {(side === "source" ? source : target).account}</p></li>;
      })}
      {counts.size === 0 && <li><Icon name="lock" small /><p>Nothing that is included.</p></li>}
      {internal > 0 && <li><Icon name="lock" small /><p>{plural(internal, "comment")} {internal === 1 ? "stays" : "stay"} internal</p></li>}
    </ul>
  );
}

function Decisions({ plan, rows }: { plan: PlanDetail; rows: PlanRowView[] }) {
  const waiting = rows.filter(needsDecision);
  if (waiting.length === 0 && plan.tally.conflicts === 0) return null;
  const many = waiting.length > 1;
  return (
    <section aria-labelledby="plan-decisions">
      <h2 id="plan-decisions">Needs a decision</h2>
      {waiting.length === 0
        ? <p className="second">{plural(plan.tally.conflicts, "field")} changed on both sides.</p>
        : <p className="second">{plural(waiting.length, "ticket")} changed on both sides. {many ? "Those fields are" : "That field is"} left out until you decide.</p>}
      <ul className="plan-links">
        {waiting.slice(0, NAMED).map((row) => <li key={row.ordinal}><a href={write({ page: "conflicts" })}>{tickets(row)}</a></li>)}
        {waiting.length > NAMED && <li className="second">and {count(waiting.length - NAMED)} more</li>}
      </ul>
    </section>
  );
}
