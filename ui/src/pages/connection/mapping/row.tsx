// One mapping row, and what opens under it: its settings, its value pairs, its matrix.
import { type Dispatch, memo } from "react";
import type { FieldMapping } from "../../../api/generated/FieldMapping";
import type { FoundProblem } from "../../../api/generated/FoundProblem";
import type { Level } from "../../../api/generated/Level";
import { Icon, type IconName } from "../../../components/icons";
import { Button } from "../../../components/kit";
import { fieldsOf, turned } from "../editing/rows";
import { Matrix } from "./matrix";
import type { Offers } from "./offer";
import type { Action } from "./reducer";
import { RowSettings } from "./row-settings";
import type { Counting, Tickets } from "./use-counts";
import { ValueMap } from "./value-map";
import { DIRECTIONS, rowName, ruleText } from "./words";

interface RowProps {
  row: FieldMapping;
  index: number;
  last: number;
  /** The Tab stop of the grid. */
  reachable: boolean;
  current: boolean;
  /** Shown together with another row. */
  marked: boolean;
  open: boolean;
  settings: boolean;
  pair: number | null;
  offers: Offers;
  problems: FoundProblem[];
  level: Level | "good" | null;
  checkError: boolean;
  /** It is the row of the description builder, or there is none yet. */
  builder: boolean;
  tickets: Tickets;
  counts: Counting;
  dispatch: Dispatch<Action>;
  announce: (text: string) => void;
  focusRow: () => void;
  openDescription: () => void;
}

const CHECKS: Record<Level | "good" | "none", { icon: IconName; tone: string; word: string }> = {
  good: { icon: "check", tone: "tone-ok", word: "no problem" },
  note: { icon: "check", tone: "tone-ok", word: "a note" },
  warning: { icon: "warning", tone: "tone-warn", word: "warning" },
  error: { icon: "error", tone: "tone-bad", word: "error" },
  none: { icon: "nothing", tone: "quiet", word: "not checked" },
};

export const Row = memo(function Row(props: RowProps) {
  const { row, index, reachable, current, marked, open, settings, offers, problems, level, checkError, dispatch, announce } = props;
  const details = row.rule.kind === "values" || row.rule.kind === "matrix";
  const check = CHECKS[level === null || (checkError && (level === "good" || level === "note")) ? "none" : level];
  const direction = DIRECTIONS[row.direction];
  const name = rowName(row, offers);
  const toggle = () => dispatch({ type: "open_row", row: open ? null : index });
  const [source, target] = [offers.source.labels(fieldsOf(row, "source")), offers.target.labels(fieldsOf(row, "target"))];
  const why = problems.map((problem) => problem.message).join("\n");
  return (
    <>
      <div
        className={["row row-columns", open ? "row-open" : "", current ? "row-current" : "", marked ? "row-marked" : ""].filter(Boolean).join(" ")} role="row" aria-level={1} aria-rowindex={index + 2} aria-expanded={open} aria-selected={current}
        tabIndex={reachable ? 0 : -1} data-row={index}
        onFocus={(event) => {
          if (event.target === event.currentTarget) dispatch({ type: "select_row", row: index });
        }}
        onClick={(event) => {
          if ((event.target as HTMLElement).closest("button") !== null) return;
          event.currentTarget.focus();
          if (details) toggle();
          else dispatch({ type: "select_row", row: index });
        }}
      >
        <span role="gridcell" className="row-caret quiet">{details && <Icon name={open ? "down" : "next"} small />}</span>
        <span role="gridcell" className="row-field cut" title={source}>{source === "" ? <span className="quiet">no field</span> : source}</span>
        <span role="gridcell" className="rows-middle">
          <button type="button" className="row-direction" tabIndex={-1} aria-label={`${name}: ${direction.label}. Press D to change`} title={direction.label} onClick={() => {
            const next = turned(row.direction);
            dispatch({ type: "edit", edit: { do: "set_direction", row: index, direction: next } });
            announce(`${name}: ${DIRECTIONS[next].label}.`);
          }}>
            <Icon name={direction.icon} />
          </button>
        </span>
        <span role="gridcell" className="row-field cut" title={target}>{target}</span>
        <span role="gridcell" className={`row-rule cut ${details ? "second" : "quiet"}`} title={ruleText(row)}>{ruleText(row)}</span>
        <span role="gridcell" className={`rows-middle ${check.tone}`} title={why === "" ? check.word : why}><Icon name={check.icon} /><span className="hidden-text">{check.word}</span></span>
        <span role="gridcell">
          <Button kind="quiet" size="small" className="button-icon" tabIndex={-1} aria-label={`Settings of ${name}`} aria-expanded={settings} onClick={() => dispatch(open && settings ? { type: "open_row", row: null } : { type: "open_row", row: index, settings: true })}>
            <Icon name="more" small />
          </Button>
        </span>
      </div>
      {open && (
        <div className="row-details" role="row" aria-level={2}>
          <div role="gridcell" aria-colspan={7}>
            {(settings || !details) && <RowSettings {...props} name={name} />}
            {row.rule.kind === "values" && <ValueMap {...props} />}
            {row.rule.kind === "matrix" && <Matrix row={row} index={index} offers={offers} dispatch={dispatch} />}
          </div>
        </div>
      )}
    </>
  );
});
