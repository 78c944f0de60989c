// The mapping rows: a treegrid with one Tab stop, the row that is not finished, and the ways to begin.
import { type Dispatch, type KeyboardEvent, memo, useCallback, useEffect, useMemo, useRef } from "react";
import type { FoundProblem } from "../../../api/generated/FoundProblem";
import type { Level } from "../../../api/generated/Level";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { useAct } from "../../../api/query";
import { Button } from "../../../components/kit";
import { Empty, ErrorCard, Skeleton } from "../../../components/shapes";
import { plural } from "../../../lib/format";
import { go } from "../../../lib/route";
import { keyOf, turned } from "../editing/rows";
import type { Offers } from "./offer";
import type { Action, EditorState } from "./reducer";
import { Row } from "./row";
import { Unfinished } from "./unfinished";
import type { Check } from "../editing/document";
import type { Counting, Tickets } from "./use-counts";
import { DIRECTIONS, rowName } from "./words";

interface RowsProps {
  connection: number;
  mapping: TypeMapping;
  state: EditorState;
  offers: Offers;
  loading: boolean;
  /** A side cannot be read now. */
  unreached: boolean;
  tickets: Tickets;
  counts: Counting;
  check: Check;
  dispatch: Dispatch<Action>;
  announce: (text: string) => void;
  /** Rises when the row in question is to be focused. */
  focusTurn: number;
  focusRow: () => void;
}

const NO_PROBLEMS: FoundProblem[] = [];

export const Rows = memo(function Rows(props: RowsProps) {
  const { connection, mapping, state, offers, loading, unreached, tickets, counts, check, dispatch, announce, focusTurn, focusRow } = props;
  const grid = useRef<HTMLDivElement>(null);
  const suggesting = useAct("suggest_rows");
  const rows = mapping.field;
  const stop = Math.max(0, Math.min(state.row ?? 0, rows.length - 1));
  const byKey = useMemo(() => problemsByKey(check.problems, mapping.name), [check.problems, mapping.name]);

  useEffect(() => {
    if (focusTurn === 0) return;
    const row = grid.current?.querySelector<HTMLElement>(`[data-row="${stop}"]`);
    row?.focus();
    row?.scrollIntoView({ block: "nearest" });
    // Only a wish to focus moves the focus, never an edit.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [focusTurn]);

  const openDescription = useCallback(() => go({ page: "connection", connection, tab: "description" }), [connection]);
  const unfinished = state.unfinished !== null;
  const start = useCallback(() => {
    if (!unfinished) {
      dispatch({ type: "start_row" });
      return;
    }
    announce("Finish the new row first.");
    grid.current?.querySelector<HTMLElement>(".row-unfinished .pick-menu button")?.focus();
  }, [dispatch, unfinished, announce]);
  const focusValue = () => window.setTimeout(() => grid.current?.querySelector<HTMLElement>("[data-rule-value] :is(select, input)")?.focus());
  const suggest = async () => {
    const found = await suggesting.act({ connection, mapping });
    if (found === null) return;
    dispatch({ type: "edit", edit: { do: "add_rows", rows: found.map((each) => each.mapping) } });
    announce(found.length === 0 ? "No further fields sound alike." : `${plural(found.length, "row")} suggested. Ctrl Z takes them back.`);
  };

  const press = (event: KeyboardEvent<HTMLElement>) => {
    const target = event.target as HTMLElement;
    if (target.dataset["row"] === undefined || event.ctrlKey || event.metaKey) return;
    const at = Number(target.dataset["row"]);
    const row = rows[at];
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1, PageDown: at + 8, PageUp: at - 8 }[event.key];
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const open = state.open === at;
    if (to !== undefined && !event.altKey) {
      dispatch({ type: "select_row", row: Math.max(0, Math.min(rows.length - 1, to)) });
      focusRow();
    } else if (to !== undefined && event.key.startsWith("Arrow")) {
      dispatch({ type: "edit", edit: { do: "move_row", row: at, to } });
      announce(`Row ${Math.max(0, Math.min(rows.length - 1, to)) + 1} of ${rows.length}.`);
      focusRow();
    } else if (key === "ArrowRight") dispatch({ type: "open_row", row: at });
    else if (key === "ArrowLeft") dispatch({ type: "open_row", row: null });
    else if (key === "Enter") dispatch({ type: "open_row", row: at, settings: true });
    else if (key === "Escape" && open) dispatch({ type: "open_row", row: null });
    else if (key === "d" && row !== undefined) {
      const direction = turned(row.direction);
      dispatch({ type: "edit", edit: { do: "set_direction", row: at, direction } });
      announce(`${rowName(row, offers)}: ${DIRECTIONS[direction].label}.`);
    } else if (key === "n" || key === "Insert") start();
    else if (key === "Delete" && row !== undefined) {
      dispatch({ type: "edit", edit: { do: "remove_row", row: at } });
      announce(`${rowName(row, offers)} removed. Ctrl Z takes it back.`);
      focusRow();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const builder = rows.findIndex((row) => row.rule.kind === "description");
  const cannot = check.unchecked.includes(mapping.name);
  const empty = rows.length === 0 && state.unfinished === null;
  return (
    <>
      <div className="rows-grid" role="treegrid" aria-label={`Field mappings, ${mapping.name}`} aria-rowcount={rows.length + 1} ref={grid} onKeyDown={press}>
        <div className="rows-head row-columns" role="row">
          <span role="columnheader"><span className="hidden-text">Open</span></span>
          <span role="columnheader" className="cut">{offers.source.view.label} field (source)</span>
          <span role="columnheader" className="rows-middle">Direction</span>
          <span role="columnheader" className="cut">{offers.target.view.label} field (target)</span>
          <span role="columnheader">Rule</span>
          <span role="columnheader" className="rows-middle">Check</span>
          <span role="columnheader"><span className="hidden-text">More</span></span>
        </div>
        <div className="rows-body" role="rowgroup">
          {loading && rows.length === 0 && <div role="row"><div role="gridcell"><Skeleton rows={6} what="fields" /></div></div>}
          {rows.map((row, index) => {
            const problems = byKey.get(keyOf(row)) ?? NO_PROBLEMS;
            const open = state.open === index;
            return (
              <Row
                key={index} row={row} index={index} last={rows.length - 1} reachable={index === stop} current={state.row === index} marked={state.marked.includes(index)} open={open} settings={open && state.settings} pair={open ? state.pair : null}
                offers={offers} problems={problems} level={levelOf(problems, cannot || unreached)} checkError={check.error !== null} builder={builder === -1 || builder === index} tickets={tickets} counts={counts} dispatch={dispatch} announce={announce} focusRow={focusRow} openDescription={openDescription}
              />
            );
          })}
          {state.unfinished !== null && <Unfinished unfinished={state.unfinished} rows={rows.length} offers={offers} dispatch={dispatch} focusRow={focusRow} focusValue={focusValue} />}
        </div>
      </div>
      {empty && !loading ? (
        <Empty
          title="No mapping yet"
          actions={<><Button kind="primary" busy={suggesting.busy} onClick={() => void suggest()}>Suggest mapping</Button><Button onClick={start}>Start empty</Button></>}
        >
          Lockstep can draw the rows whose fields sound alike. They stay a draft until you save them.
        </Empty>
      ) : (
        <div className="rows-foot">
          <Button kind="quiet" size="small" icon="plus" refused={state.unfinished === null ? null : "Finish the new row first."} onClick={start}>Add mapping</Button>
          <Button kind="quiet" size="small" busy={suggesting.busy} onClick={() => void suggest()}>Suggest mapping</Button>
        </div>
      )}
      {suggesting.error && <ErrorCard title="No rows could be suggested" error={suggesting.error} retry={() => void suggest()} />}
    </>
  );
});

function problemsByKey(problems: FoundProblem[], type: string): Map<string, FoundProblem[]> {
  const map = new Map<string, FoundProblem[]>();
  for (const problem of problems) {
    const { place } = problem;
    if (place.type_mapping !== type || place.part !== "field") continue;
    map.set(place.key, [...(map.get(place.key) ?? []), problem]);
  }
  return map;
}

/** The worst of a row. Where a side could not be asked, nothing is good: such a row was not checked. */
function levelOf(problems: FoundProblem[], unchecked: boolean): Level | "good" | null {
  const levels = problems.map((problem) => problem.level);
  const worst = (["error", "warning", "note"] as const).find((level) => levels.includes(level));
  return worst === undefined || (worst === "note" && unchecked) ? (unchecked ? null : "good") : worst;
}
