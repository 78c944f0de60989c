// The middle of a plan: counts, rows, what to know before it is applied, and the foot.
import { useMemo, useState } from "react";
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import type { PlanDetail } from "../../api/generated/PlanDetail";
import { Button } from "../../components/kit";
import { Empty, ErrorCard, Skeleton } from "../../components/shapes";
import { Chips } from "./chips";
import { Foot } from "./foot";
import { Grid } from "./grid";
import { type Chip, type GroupName, type Line, linesOf, narrows, ticked } from "./lines";
import type { Reading } from "./reading";
import { Side } from "./side";
import { writes } from "./tell";

interface BodyProps {
  plan: PlanDetail;
  connection: ConnectionCard | null;
  rows: Reading;
  search: string;
  refused: string | null;
  planAgain: () => void;
}

export function Body({ plan, connection, rows: reading, search, refused, planAgain }: BodyProps) {
  const [chip, setChip] = useState<Chip>("all");
  const [customer, setCustomer] = useState(false);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const [shut, setShut] = useState<ReadonlySet<GroupName>>(new Set());
  const { rows, complete, include } = reading;
  const filter = useMemo(() => ({ chip, customer, search }), [chip, customer, search]);
  const counts = useMemo(() => (complete ? null : new Map(plan.outcomes.map((each) => [each.outcome, each.rows]))), [plan.outcomes, complete]);
  const lines = useMemo(() => linesOf(rows, { filter, open, shut, counts }), [rows, filter, open, shut, counts]);

  const toggle = (line: Line) => {
    if (line.kind === "group") setShut((had) => flipped(had, line.group));
    else setOpen((had) => flipped(had, line.row.ordinal));
  };
  const tick = (line: Line, included?: boolean) => {
    if (line.kind === "group") {
      if (line.group === "decision" || line.group === "skipped") return;
      const to = included ?? ticked(line.rows) !== "all";
      include({ which: narrows(filter) ? { these: line.rows.filter(writes).map((row) => row.ordinal) } : { outcome: line.group }, included: to });
    } else if (writes(line.row)) include({ which: { these: [line.row.ordinal] }, included: included ?? !line.row.included });
  };
  const expandAll = () => setOpen((had) => (had.size > 0 ? new Set() : new Set(rows.map((row) => row.ordinal))));
  const all = plan.outcomes.reduce((sum, each) => sum + each.rows, 0);

  return (
    <div className="plan">
      <div className="plan-main">
        <Chips detail={plan} chosen={chip} choose={setChip} />
        {customer && <p className="plan-only" role="status">Only what a customer will see. <Button kind="quiet" size="small" onClick={() => setCustomer(false)}>Show all</Button></p>}
        {reading.refused && <ErrorCard title="The tick was not kept" error={reading.refused} />}
        {reading.error && <ErrorCard title="The rows of the plan could not be read" error={reading.error} retry={reading.again} />}
        {lines.length > 0 && (
          <Grid
            plan={plan} lines={lines} toggle={toggle} include={tick} expandAll={expandAll} onlyCustomer={() => setCustomer(!customer)}
            reading={complete || reading.error !== null ? null : { read: rows.length, all }}
          />
        )}
        {lines.length === 0 && !complete && reading.error === null && <div className="card plan-list"><Skeleton rows={10} what="the rows of the plan" /></div>}
        {lines.length === 0 && complete && (
          <div className="card plan-list">
            <Empty title="No ticket of the plan is like that">{search.trim() === "" ? "Another count shows the others." : `Nothing is called “${search.trim()}”.`}</Empty>
          </div>
        )}
        <Foot plan={plan} connection={connection} rows={rows} complete={complete} refused={refused} planAgain={planAgain} />
      </div>
      <Side plan={plan} rows={rows} complete={complete} />
    </div>
  );
}

function flipped<Member>(set: ReadonlySet<Member>, member: Member): ReadonlySet<Member> {
  const next = new Set(set);
  if (!next.delete(member)) next.add(member);
  return next;
}
