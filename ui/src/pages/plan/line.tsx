// The lines of a plan: a group with its tick, a ticket, and one change of it.
import type { ReactNode } from "react";
import type { PlanDetail } from "../../api/generated/PlanDetail";
import { Icon } from "../../components/icons";
import { sentence, Tile } from "../../components/shapes";
import { count, plural } from "../../lib/format";
import { planned } from "../../lib/ticket";
import { type DetailLine, type GroupLine, type RowLine, ticked } from "./lines";
import { shown, summary, tickets, writes } from "./tell";

/** What a customer is told of: practice has none. */
export function seen(plan: PlanDetail): string {
  return plan.source_side.practice && plan.target_side.practice ? "Customer would see this" : "Customer will see this";
}

export interface LineProps {
  id: string;
  index: number;
  active: boolean;
  /** Brings the line under the keys. */
  choose: () => void;
  toggle: () => void;
}

interface FrameProps extends LineProps {
  level: 1 | 2 | 3;
  className: string;
  expanded?: boolean | undefined;
  place?: { at: number; of: number } | undefined;
  children: ReactNode;
}

/** The row of the treegrid. It never takes the focus itself: that stays on the grid, which names it. */
function Frame({ id, index, active, choose, level, className, expanded, place, children }: FrameProps) {
  return (
    <div
      role="row" id={id} aria-rowindex={index + 1} aria-level={level} aria-expanded={expanded} aria-posinset={place?.at} aria-setsize={place?.of} aria-selected={active}
      className={active ? `${className} plan-active` : className} onClick={choose}
    >
      {children}
    </div>
  );
}

interface TickProps {
  label: string;
  on: boolean;
  some?: boolean;
  change: () => void;
}

function Tick({ label, on, some = false, change }: TickProps) {
  return (
    <span className="checkbox"><span className="checkbox-box plan-tick">
      <input
        type="checkbox" tabIndex={-1} aria-label={label} checked={on}
        ref={(box) => {
          if (box !== null) box.indeterminate = some;
        }}
        onChange={change} onClick={(event) => event.stopPropagation()}
      />
      <Icon name={some ? "minus" : "check"} small />
    </span></span>
  );
}

function Expander({ open, toggle }: { open: boolean; toggle: () => void }) {
  return (
    <span
      className="plan-expander" aria-hidden="true"
      onClick={(event) => {
        event.stopPropagation();
        toggle();
      }}
    >
      <Icon name={open ? "down" : "next"} small />
    </span>
  );
}

interface GroupProps extends LineProps {
  line: GroupLine;
  plan: PlanDetail;
  include: (included: boolean) => void;
}

export function GroupRow({ line, plan, include, ...frame }: GroupProps) {
  const state = ticked(line.rows);
  const writing = line.group !== "decision" && line.group !== "skipped";
  return (
    <Frame {...frame} level={1} expanded={line.open} className="plan-group">
      <span role="gridcell">{writing && <Tick label={`Include all: ${line.label}`} on={state === "all"} some={state === "some"} change={() => include(state !== "all")} />}</span>
      <Expander open={line.open} toggle={frame.toggle} />
      <span role="rowheader" className="plan-group-name">{line.label}<span className="plan-group-count">{count(line.count)}</span></span>
      <span role="gridcell" className="plan-group-text cut">{about(line, plan)}</span>
    </Frame>
  );
}

/** Where it is written, or how much; only once all its rows are known. */
function about(line: GroupLine, plan: PlanDetail): string {
  if (line.group === "decision") return "Changed on both sides, on hold until you decide";
  if (line.group === "skipped") return "Nothing is written";
  if (line.rows.length < line.count) return "";
  if (line.group === "updated") {
    const all = line.rows.flatMap((row) => row.operations);
    const fields = all.filter((operation) => operation.kind !== "status").reduce((sum, operation) => sum + operation.changes.length, 0);
    const status = all.filter((operation) => operation.kind === "status").length;
    return [fields > 0 ? plural(fields, "field") : "", status > 0 ? plural(status, "status change") : ""].filter(Boolean).join(", ");
  }
  const into = { target: 0, source: 0 };
  for (const row of line.rows) {
    const side = planned(row);
    if (side === "both" || side === "target") into.target += 1;
    if (side === "both" || side === "source") into.source += 1;
  }
  return [into.target > 0 ? `${into.target} in ${plan.target_side.label}` : "", into.source > 0 ? `${into.source} in ${plan.source_side.label}` : ""].filter(Boolean).join(", ");
}

interface RowProps extends LineProps {
  line: RowLine;
  plan: PlanDetail;
  include: (included: boolean) => void;
}

export function TicketRow({ line: { row, open, place, of }, plan, include, ...frame }: RowProps) {
  const writing = writes(row);
  const out = writing && !row.included;
  return (
    <Frame {...frame} level={2} expanded={open} place={{ at: place, of }} className={`plan-row${open ? " plan-open" : ""}${out ? " plan-out" : writing ? "" : " plan-quiet"}`}>
      <span role="gridcell">{writing && <Tick label={`Include ${tickets(row)}`} on={row.included} change={() => include(!row.included)} />}</span>
      <Expander open={open} toggle={frame.toggle} />
      <span role="rowheader" className="plan-keys whole">{tickets(row)}</span>
      <span role="gridcell" className="plan-name cut" title={row.title}>{row.title}</span>
      <span role="gridcell" className="plan-summary cut" title={out ? undefined : summary(row)}>{out ? "Left out by you" : summary(row)}</span>
      <span role="gridcell" className="plan-eye">
        {row.customer_sees && <span title={seen(plan)}><Icon name="eye" /><span className="hidden-text">{seen(plan)}</span></span>}
        {row.notices.length > 0 && writing && !row.customer_sees && <span title={sentence(row.notices[0]?.message ?? "")} className="tone-warn"><Icon name="warning" small /><span className="hidden-text">{plural(row.notices.length, "note")}</span></span>}
      </span>
    </Frame>
  );
}

interface ChangeProps extends LineProps {
  line: DetailLine;
  plan: PlanDetail;
}

export function ChangeRow({ line: { row, detail, last }, plan, ...frame }: ChangeProps) {
  const both = planned(row) === "both" && detail.side !== null;
  const side = detail.side === "source" ? plan.source_side : plan.target_side;
  return (
    <Frame {...frame} level={3} className={`plan-change plan-change-${detail.kind}${last ? " plan-change-last" : ""}${writes(row) && !row.included ? " plan-out" : ""}`}>
      <span role="rowheader" className="plan-field">{both && <Tile small side={side} role={detail.side ?? "target"} />}{detail.label}</span>
      <span role="gridcell" className="plan-values">
        {detail.before !== null && (
          <>
            <del className={detail.before === "" ? "plan-none" : ""}><span className="hidden-text">was </span>{shown(detail.before)}</del>
            <span className="quiet" aria-hidden="true">→</span>
          </>
        )}
        {detail.kind === "change"
          ? <ins className={detail.after === "" ? "plan-none" : ""}><span className="hidden-text">now </span>{shown(detail.after)}</ins>
          : <span>{sentence(detail.after)}</span>}
      </span>
      <span role="gridcell" className="plan-reason">{detail.reason}</span>
      <span role="gridcell" className="plan-seen">{detail.customerSees && <><Icon name="eye" small /><span>{seen(plan)}</span></>}</span>
    </Frame>
  );
}
