// Over the rows of a plan: what the keys E, C and O do, for the pointer.
import type { PlanDetail } from "../../api/generated/PlanDetail";
import type { PlanRowView } from "../../api/generated/PlanRowView";
import { Button } from "../../components/kit";
import { OpenTicket } from "../../components/open-ticket";

interface BarProps {
  plan: PlanDetail;
  /** Whether any ticket is open. */
  open: boolean;
  expandAll: () => void;
  /** Only what a customer will see. */
  customer: boolean;
  onlyCustomer: () => void;
  /** The ticket that the keys stand on. */
  row: PlanRowView | null;
}

export function Bar({ plan, open, expandAll, customer, onlyCustomer, row }: BarProps) {
  return (
    <div className="plan-bar" role="group" aria-label="Rows">
      <Button size="small" icon={open ? "up" : "down"} aria-keyshortcuts="E" onClick={expandAll}>{open ? "Collapse all" : "Expand all"}</Button>
      <Button size="small" icon="eye" className="plan-only" aria-pressed={customer} aria-keyshortcuts="C" onClick={onlyCustomer}>Only customer-visible</Button>
      <span className="plan-bar-end">
        {row !== null && (
          <OpenTicket
            key={row.ordinal} size="small" connection={plan.connection_name} sides={{ source: plan.source_side, target: plan.target_side }}
            tickets={{ source: row.source, target: row.target }}
          />
        )}
      </span>
    </div>
  );
}
