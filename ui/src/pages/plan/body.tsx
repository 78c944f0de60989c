// The middle of a plan: counts, rows, what to know before it is applied, and the foot.
import { useMemo, useState } from "react";
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import type { PlanDetail } from "../../api/generated/PlanDetail";
import { Empty, ErrorCard, Skeleton } from "../../components/shapes";
import type { PlanRowView } from "../../api/generated/PlanRowView";
import { useApplying } from "./applying";
import { Bar } from "./bar";
import { Chips } from "./chips";
import { Foot } from "./foot";
import { Grid, GRID, standing, type Stands } from "./grid";
import { Guide, useGuide } from "./guide";
import { type Chip, type GroupName, groupOf, type Line, linesOf, narrows, ticked } from "./lines";
import type { Reading } from "./reading";
import { Side } from "./side";
import { writes } from "./tell";

interface BodyProps {
  plan: PlanDetail;
  connection: ConnectionCard | null;
  rows: Reading;
  search: string;
  find: (text: string) => void;
  refused: string | null;
  planAgain: () => void;
}

export function Body({ plan, connection, rows: reading, search, find, refused, planAgain }: BodyProps) {
  const [chip, setChip] = useState<Chip>("all");
  const [customer, setCustomer] = useState(false);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const [shut, setShut] = useState<ReadonlySet<GroupName>>(new Set());
  const [stands, stand] = useState<Stands>({ key: "", at: 0 });
  const { rows, complete, include } = reading;
  const guide = useGuide(plan, connection, reading);
  const applying = useApplying(plan, connection, reading, refused, guide.finish);
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
      void include({ which: narrows(filter) ? { these: line.rows.filter(writes).map((row) => row.ordinal) } : { outcome: line.group }, included: to });
    } else if (writes(line.row)) void include({ which: { these: [line.row.ordinal] }, included: included ?? !line.row.included });
  };
  const expandAll = () => setOpen((had) => (had.size > 0 ? new Set() : new Set(rows.map((row) => row.ordinal))));
  /** Brings a ticket into sight and under the keys, whatever is filtered. */
  const show = (row: PlanRowView) => {
    setChip("all");
    setCustomer(false);
    find("");
    setOpen((had) => new Set([...had, row.ordinal]));
    setShut((had) => new Set([...had].filter((group) => group !== groupOf(row))));
    stand({ key: `row ${row.ordinal}`, at: 0 });
    document.getElementById(GRID)?.focus();
  };
  const here = lines[standing(lines, stands)];
  const all = plan.outcomes.reduce((sum, each) => sum + each.rows, 0);

  return (
    <div className="plan">
      <div className="plan-main">
        <Guide guide={guide} plan={plan} applying={applying} refused={refused} planAgain={planAgain} />
        <Chips detail={plan} rows={rows} chosen={chip} choose={setChip} />
        {reading.refused && <ErrorCard title="The tick was not kept" error={reading.refused} />}
        {reading.error && <ErrorCard title="The rows of the plan could not be read" error={reading.error} retry={reading.again} />}
        <div className="plan-list card" data-pane>
          <Bar
            plan={plan} open={open.size > 0} expandAll={expandAll} customer={customer} onlyCustomer={() => setCustomer(!customer)}
            row={here === undefined || here.kind === "group" ? null : here.row}
          />
          {lines.length > 0 && (
            <Grid
              plan={plan} lines={lines} stands={stands} stand={stand} toggle={toggle} include={tick} expandAll={expandAll} onlyCustomer={() => setCustomer(!customer)}
              reading={complete || reading.error !== null ? null : { read: rows.length, all }}
            />
          )}
          {lines.length === 0 && !complete && reading.error === null && <Skeleton rows={10} what="the rows of the plan" />}
          {lines.length === 0 && complete && (
            <Empty title="No ticket of the plan is like that">{search.trim() === "" ? "Another count shows the others." : `Nothing is called “${search.trim()}”.`}</Empty>
          )}
        </div>
        <Foot plan={plan} rows={rows} complete={complete} applying={applying} planAgain={planAgain} />
      </div>
      <Side plan={plan} rows={rows} complete={complete} show={show} />
    </div>
  );
}

function flipped<Member>(set: ReadonlySet<Member>, member: Member): ReadonlySet<Member> {
  const next = new Set(set);
  if (!next.delete(member)) next.add(member);
  return next;
}
