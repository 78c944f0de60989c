// What a run would write, before it writes: the plan that is applied is exactly this one.
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import type { PlanPicture } from "../../api/generated/PlanPicture";
import type { PlanRowView } from "../../api/generated/PlanRowView";
import { useAct } from "../../api/query";
import { Icon } from "../../components/icons";
import { Button, Pill } from "../../components/kit";
import { Empty, ErrorCard, TilePair } from "../../components/shapes";
import { count, plural } from "../../lib/format";
import { planned, plannedSummary } from "../../lib/ticket";
import { outcomeMark, ticketPair } from "../../lib/words";

interface PlanProps {
  plan: PlanPicture;
  connection: ConnectionCard;
  close: () => void;
}

export function PlanCard({ plan, connection, close }: PlanProps) {
  const { act, busy, error } = useAct("run_sync");
  const { tally, reasons } = plan;
  const changes = plan.writes;
  const mustMend = reasons.some((reason) => !reason.can_order);
  const apply = async () => {
    if ((await act({ connection: connection.id, since_ms: null, plan: plan.plan, confirmed: true })) !== null) close();
  };
  const numbers: [number, string][] = [
    [tally.creates, "to create"], [tally.updates, "to update"], [tally.closes, "to close"], [tally.links, "to link"],
    [tally.comments, "comments"], [tally.files, "files"], [tally.skips, "skipped"], [tally.conflicts, "conflicts"],
  ];
  return (
    <section className="card plan" aria-labelledby="plan-title">
      <header className="run-head">
        <TilePair source={connection.source_side} target={connection.target_side} flow={connection.flow} />
        <h2 id="plan-title" className="cut">Plan for {connection.name}</h2>
        <Pill>Nothing is written yet</Pill>
        <span className="run-since" />
        <Button kind="quiet" onClick={close}>Discard plan</Button>
        {changes > 0 && (
          <Button kind="primary" busy={busy} onClick={() => void apply()} refused={mustMend ? "Mend what stands below first." : null}>
            Apply {plural(changes, "change")}
          </Button>
        )}
      </header>
      <div className="run-body">
        <ul className="counts" aria-label="What it comes to">
          {numbers.filter(([value]) => value > 0).map(([value, word]) => <li key={word}><strong>{count(value)}</strong> {word}</li>)}
          {tally.customer_sees > 0 && <li className="tone-ask"><Icon name="eye" small /><strong>{count(tally.customer_sees)}</strong> a customer {connection.source_side.practice ? "would see" : "will see"}</li>}
        </ul>
      </div>
      {reasons.length > 0 && (
        <div className="run-held" role="group" aria-label="Look at this first">
          <Icon name="warning" />
          <ul>{reasons.map((reason) => <li key={reason.sentence}>{reason.sentence}</li>)}</ul>
        </div>
      )}
      {error && <ErrorCard title="The plan was not applied" error={error} retry={() => void apply()} />}
      {changes === 0 ? <Empty title="Both sides agree">Nothing to write.</Empty> : <Rows rows={plan.rows} total={changes} />}
    </section>
  );
}

function Rows({ rows, total }: { rows: PlanRowView[]; total: number }) {
  return (
    <div className="plan-rows">
      <table className="tickets" aria-label="Planned changes">
        <colgroup><col className="col-outcome" /><col className="col-keys" /><col /><col className="col-detail" /></colgroup>
        <thead className="hidden-text"><tr><th>What</th><th>Tickets</th><th>Title</th><th>Fields</th></tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.ordinal}>
              <td><Pill tone={outcomeMark(row.outcome).tone} icon={outcomeMark(row.outcome).icon}>{PLANNED[row.outcome] ?? row.label}</Pill></td>
              <td className="whole">{ticketPair(row.source, row.target, planned(row))}</td>
              <td className="cut">{row.title}</td>
              <td className="tickets-detail cut" title={plannedSummary(row)}>{plannedSummary(row)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {total > rows.length && <p className="plan-more">and {plural(total - rows.length, "more change")}</p>}
    </div>
  );
}

const PLANNED: Record<string, string> = { created: "Create", updated: "Update", closed: "Close", failed: "Held", skipped: "Skip" };
