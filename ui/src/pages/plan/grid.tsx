// The treegrid of a plan: one Tab stop, the keys move a line that the grid names (ux.md §6, §10.10).
import { useCallback, useMemo, useState } from "react";
import type { PlanDetail } from "../../api/generated/PlanDetail";
import { Virtual } from "../../components/virtual";
import { count } from "../../lib/format";
import { lettersOn } from "../../lib/preferences";
import type { Line } from "./lines";
import { ChangeRow, GroupRow, TicketRow } from "./line";

const HEIGHTS: Record<Line["kind"], number> = { group: 31, row: 30, detail: 27 };
const PAGE = 10;
export const GRID = "plan-grid";

/** A line by its key; where it is gone, the one at its place. */
export interface Stands {
  key: string;
  at: number;
}

/** The line of `lines` that is meant. */
export function standing(lines: Line[], { key, at }: Stands): number {
  const found = lines.findIndex((line) => line.key === key);
  return found >= 0 ? found : Math.min(at, lines.length - 1);
}

interface GridProps {
  plan: PlanDetail;
  lines: Line[];
  /** The line that the keys stand on. */
  stands: Stands;
  stand: (next: Stands) => void;
  /** Opens or shuts the group or the ticket of a line. */
  toggle: (line: Line) => void;
  include: (line: Line, included?: boolean) => void;
  expandAll: () => void;
  onlyCustomer: () => void;
  /** Rows that are still to be read. */
  reading: { read: number; all: number } | null;
}

export function Grid({ plan, lines, stands, stand, toggle, include, expandAll, onlyCustomer, reading }: GridProps) {
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const at = useMemo(() => standing(lines, stands), [lines, stands]);
  const active = lines[at];

  const go = (to: number) => {
    const next = Math.max(0, Math.min(lines.length - 1, to));
    const line = lines[next];
    if (line !== undefined) stand({ key: line.key, at: next });
  };
  const above = (from: number, kind: Line["kind"]) => {
    for (let place = from - 1; place >= 0; place -= 1) if (lines[place]?.kind === kind) return place;
    return from;
  };
  const inward = (line: Line) => {
    if (line.kind === "detail") return;
    if (line.open) go(at + 1);
    else toggle(line);
  };
  const outward = (line: Line) => {
    if (line.kind === "detail") go(above(at, "row"));
    else if (line.open) toggle(line);
    else if (line.kind === "row") go(above(at, "group"));
  };
  const keys = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || active === undefined) return;
    const acts: Record<string, () => void> = {
      ArrowDown: () => go(at + 1), ArrowUp: () => go(at - 1), PageDown: () => go(at + PAGE), PageUp: () => go(at - PAGE), Home: () => go(0), End: () => go(lines.length - 1),
      ArrowRight: () => inward(active), ArrowLeft: () => outward(active), " ": () => include(active), Enter: () => toggle(active),
      ...(lettersOn() ? { e: expandAll, c: onlyCustomer } : {}),
    };
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (act === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };

  const sizeOf = useCallback((place: number) => HEIGHTS[lines[place]?.kind ?? "row"], [lines]);
  const keyOf = useCallback((place: number) => lines[place]?.key ?? place, [lines]);
  const draw = (place: number) => {
    const line = lines[place];
    if (line === undefined) return null;
    const frame = { id: `plan-line-${line.key.replaceAll(" ", "-")}`, index: place, active: place === at, choose: () => stand({ key: line.key, at: place }), toggle: () => toggle(line) };
    const tick = (included: boolean) => include(line, included);
    switch (line.kind) {
      case "group":
        return <GroupRow {...frame} line={line} plan={plan} include={tick} />;
      case "row":
        return <TicketRow {...frame} line={line} plan={plan} include={tick} />;
      case "detail":
        return <ChangeRow {...frame} line={line} plan={plan} />;
    }
  };
  return (
    <>
      <div
        ref={setScroller} id={GRID} className="plan-scroll" data-scrolls data-pane-start role="treegrid" aria-label="Planned changes" tabIndex={0} aria-rowcount={lines.length} aria-multiselectable="false"
        aria-activedescendant={active === undefined ? undefined : `plan-line-${active.key.replaceAll(" ", "-")}`} onKeyDown={keys}
        onMouseDown={(event) => {
          // The focus stays on the grid, also when a tick inside it is pressed.
          if (event.target === scroller) return;
          event.preventDefault();
          scroller?.focus({ preventScroll: true });
        }}
      >
        <Virtual scroller={scroller} count={lines.length} size={sizeOf} keyOf={keyOf} draw={draw} at={at} />
      </div>
      {reading !== null && <p className="plan-reading" role="status">Reading the plan, {count(reading.read)} of {count(reading.all)}</p>}
    </>
  );
}
