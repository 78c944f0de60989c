// Beside the rows: what stops the plan, what a customer will see, what needs a decision, and why it is safe to apply.
import { useState } from "react";
import type { PlanDetail } from "../../api/generated/PlanDetail";
import type { PlanRowView } from "../../api/generated/PlanRowView";
import { useTransport } from "../../api/transport";
import { Icon } from "../../components/icons";
import { Moment, sentence } from "../../components/shapes";
import { count, moment, plural } from "../../lib/format";
import { write } from "../../lib/route";
import { seen } from "./line";
import { needsDecision, tickets, writes } from "./tell";

/** Tickets named before the rest is only counted. */
const NAMED = 4;
/** Tickets listed when all are asked for; the rows can be filtered for more. */
const LISTED = 100;

interface SideProps {
  plan: PlanDetail;
  rows: PlanRowView[];
  complete: boolean;
  /** Brings a ticket into sight. */
  show: (row: PlanRowView) => void;
}

export function Side({ plan, rows, complete, show }: SideProps) {
  const now = useTransport().now();
  return (
    <aside className="plan-side" aria-label="Before you apply" data-pane tabIndex={-1} data-pane-start>
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
        <Seen plan={plan} rows={rows} complete={complete} show={show} />
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

/** The tickets of which a customer will see something, with what; then what stays internal. */
function Seen({ plan, rows, complete, show }: SideProps) {
  const [all, setAll] = useState(false);
  if (!complete) return <p className="second">{plural(plan.tally.customer_sees, "thing")} in the whole plan. The rows are still being read.</p>;
  const included = rows.filter((row) => row.included && writes(row));
  const told = included.filter((row) => row.customer_sees);
  const internal = included.flatMap((row) => row.operations).filter((each) => !each.customer_sees && each.kind === "comment").length;
  const shown = all ? told.slice(0, LISTED) : told.slice(0, NAMED);
  return (
    <ul className="plan-points">
      {told.length > 0 && <li className="tone-accent"><Icon name="eye" small /><p>{plural(told.length, "ticket")}, in {namesOf(told, plan)}</p></li>}
      {shown.map((row) => (
        <li key={row.ordinal} className="plan-seen-row">
          <button type="button" className="plan-link" onClick={() => show(row)}>{tickets(row)}</button>
          <p>{things(row)}</p>
        </li>
      ))}
      {told.length > shown.length && (all
        ? <li className="plan-seen-row"><p>and {count(told.length - shown.length)} more</p></li>
        : <li className="plan-seen-row"><button type="button" className="plan-link" onClick={() => setAll(true)}>Show {count(told.length - shown.length)} more</button></li>)}
      {told.length === 0 && <li><Icon name="lock" small /><p>Nothing that is included.</p></li>}
      {internal > 0 && <li><Icon name="lock" small /><p>{plural(internal, "comment")} {internal === 1 ? "stays" : "stay"} internal</p></li>}
    </ul>
  );
}

function namesOf(rows: PlanRowView[], plan: PlanDetail): string {
  const sides = new Set(rows.flatMap((row) => row.operations.filter((each) => each.customer_sees).map((each) => each.side)));
  return [...sides].map((side) => (side === "source" ? plan.source_side : plan.target_side).account).join(" and ");
}

/** What of a ticket a customer will see: "public comment, 2 files". */
function things(row: PlanRowView): string {
  const counts = new Map<string, number>();
  for (const { kind } of row.operations.filter((each) => each.customer_sees)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, value]) => {
    const [one, many] = THINGS[kind] ?? ["thing", "things"];
    return value === 1 ? one : plural(value, one, many);
  }).join(", ");
}

function namedBy(row: PlanRowView): { ticket?: string } {
  const ticket = row.source ?? row.target;
  return ticket === null ? {} : { ticket };
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
        {waiting.slice(0, NAMED).map((row) => <li key={row.ordinal}><a href={write({ page: "conflicts", ...namedBy(row) })}>{tickets(row)}</a></li>)}
        {waiting.length > NAMED && <li className="second">and {count(waiting.length - NAMED)} more</li>}
      </ul>
    </section>
  );
}
