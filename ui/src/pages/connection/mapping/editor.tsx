// The editor: joins the document, what both sides offer, the checker and the draft, and lays out bar, panes and problems.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { ConnectionCard } from "../../../api/generated/ConnectionCard";
import type { FoundProblem } from "../../../api/generated/FoundProblem";
import type { TrialRow } from "../../../api/generated/TrialRow";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { Button } from "../../../components/kit";
import { useKeys } from "../../../lib/keys";
import { EditorBar } from "../editing/bar";
import type { OpenDocument } from "../editing/document";
import { DrawerOpener } from "../editing/drawer";
import { usePanes } from "../editing/panes";
import { opposite } from "../editing/parts";
import { tabOf } from "../editing/problems";
import { keyOf } from "../editing/rows";
import { useSamples } from "../editing/samples";
import { seek, useSought } from "../editing/seeking";
import { useOffers } from "../editing/sides";
import { type Act, rowOf } from "./acts";
import { CopyDialog } from "./copy-dialog";
import { Drift } from "./drift";
import { type DraggedField, useFieldDrag } from "./field-drag";
import { firstRow, misfit } from "./fitting";
import { type Offers, offerOf } from "./offer";
import { Problems } from "./problems";
import { RightPane, type RightTab } from "./right-pane";
import { Rows } from "./rows";
import { TicketPicker } from "./ticket-picker";
import { Tray } from "./tray";
import { rowNow, TryPane, type Wish } from "./try-pane";
import { ticketsOf, useCounts } from "./use-counts";
import { FIXED } from "./unfinished";
import { useTrial } from "./use-trial";
import { useView } from "./use-view";

const PANES = ["#pane-source", "#pane-rows", "#pane-target", "#pane-problems"];

interface EditorProps {
  connection: ConnectionCard;
  open: OpenDocument;
  mapping: TypeMapping;
}

export function Editor({ connection, open, mapping }: EditorProps) {
  const [state, dispatch] = useView(open);
  const [drawer, setDrawer] = useState(false);
  const [copying, setCopying] = useState(false);
  const [chosenTab, chooseTab] = useState<RightTab>("fields");
  const [wish, setWish] = useState<Wish | null>(null);
  const [said, say] = useState("");
  // The same sentence twice is told twice.
  const announce = useCallback((text: string) => say((before) => (before === text ? `${text}\u00a0` : text)), []);
  const [current, setCurrent] = useState<number | null>(null);
  const [focusTurn, setFocusTurn] = useState(0);
  const place = useRef<HTMLDivElement>(null);

  const { types, check } = open;
  const read = useOffers(connection.id, mapping);
  const offers: Offers = useMemo(
    () => ({ source: offerOf("source", connection.source_side, read.data?.source ?? null), target: offerOf("target", connection.target_side, read.data?.target ?? null) }),
    [connection.source_side, connection.target_side, read.data],
  );
  const counts = useCounts(connection.id, mapping, offers.source.schema !== null && offers.target.schema !== null, check.again);
  const tickets = useMemo(() => ticketsOf(counts.counted), [counts.counted]);
  const samples = useSamples(connection.id, mapping, { ready: offers.source.schema !== null && offers.target.schema !== null, side: "source", first: true });
  // A field that was picked up needs those it can meet.
  const tab: RightTab = state.chosen?.held === true ? "fields" : chosenTab;
  const tried = useTrial(connection.id, mapping, samples.sample, tab === "try");
  const focusRow = useCallback(() => setFocusTurn((turn) => turn + 1), []);
  const join = useCallback(
    (source: string, target: string) => {
      const [from, to] = [offers.source.field(source), offers.target.field(target)];
      const why = from === undefined || to === undefined ? null : misfit(from, to);
      if (why !== null) {
        announce(`${offers.source.label(source)} and ${offers.target.label(target)} cannot meet: ${why}.`);
        return;
      }
      const row = firstRow(offers, source, target);
      const known = mapping.field.findIndex((each) => keyOf(each) === keyOf(row));
      if (known >= 0) {
        dispatch({ type: "select_row", row: known });
        announce(`${offers.source.label(source)} and ${offers.target.label(target)} are mapped already.`);
      } else {
        dispatch({ type: "edit", edit: { do: "add_rows", rows: [row] } });
        announce(`${offers.source.label(source)} mapped to ${offers.target.label(target)}.`);
      }
      dispatch({ type: "choose_field", chosen: null });
      focusRow();
    },
    [offers, mapping, focusRow, announce, dispatch],
  );
  /** A field on the rows begins one, or fills the place that the row at hand still has. */
  const dropped = ({ side, field }: DraggedField) => {
    const waiting = state.unfinished;
    const partner = waiting?.[opposite(side)] ?? null;
    if (waiting !== null && waiting[side] !== null) announce("Finish the new row first.");
    else if (partner === null) dispatch(side === "source" ? { type: "start_row", source: field } : { type: "start_row", target: field });
    else if (partner === FIXED) dispatch({ type: "start_row", target: field });
    else join(side === "source" ? field : partner, side === "source" ? partner : field);
  };
  const drag = useFieldDrag((from, at) => {
    if (at === "rows") dropped(from);
    else if (at.side !== from.side) join(from.side === "source" ? from.field : at.field, from.side === "source" ? at.field : from.field);
  });

  const focus = (selector: string) => window.setTimeout(() => place.current?.querySelector<HTMLElement>(selector)?.focus());
  const openRow = (row: number, pair: number | null = null) => {
    dispatch({ type: "open_row", row, pair, settings: mapping.field[row]?.rule.kind !== "values" });
    focusRow();
  };
  const show = (problem: FoundProblem) => {
    setCurrent(check.problems.indexOf(problem));
    const tab = tabOf(problem);
    if (tab !== "mapping") {
      seek(open, tab, problem);
      return;
    }
    const at = types.findIndex((type) => type.name === problem.place.type_mapping);
    if (at >= 0) dispatch({ type: "show_type", at });
    const part = problem.place;
    const of = types[at];
    const row = of === undefined ? -1 : rowOf(problem, of);
    if (of === undefined || part.part !== "field" || row < 0) return;
    dispatch({ type: "open_row", row, pair: part.pair ?? null, settings: of.field[row]?.rule.kind !== "values" });
    focusRow();
  };
  const act = (problem: FoundProblem, todo: Act) => {
    setCurrent(check.problems.indexOf(problem));
    if (todo.do === "mend") {
      dispatch({ type: "edit", edit: { do: "apply", changes: todo.changes }, of: problem.place.type_mapping });
      announce(`Done: ${todo.label}.`);
      return;
    }
    if (todo.do === "go") {
      seek(open, todo.tab, problem);
      return;
    }
    const at = types.findIndex((type) => type.name === problem.place.type_mapping);
    if (at >= 0) dispatch({ type: "show_type", at });
    switch (todo.do) {
      case "choose_field":
        dispatch({ type: "open_row", row: todo.row, settings: true });
        focus(`[data-field-side="${todo.side}"] select`);
        break;
      case "choose_value":
      case "open_pair":
        dispatch({ type: "open_row", row: todo.row, pair: todo.pair });
        focus(todo.do === "choose_value" ? ".pair-trouble select" : ".pair-card :is(select[aria-invalid], select, button)");
        break;
      case "show_both":
        dispatch({ type: "open_row", row: null });
        dispatch({ type: "select_row", row: todo.row });
        dispatch({ type: "mark_rows", rows: [todo.row, todo.other] });
        announce(`Rows ${todo.row + 1} and ${todo.other + 1} write the same field.`);
        focusRow();
        break;
      case "try":
        dispatch({ type: "choose_field", chosen: null });
        chooseTab("try");
        focus("#pane-target [data-enter]");
        break;
      case "set_fixed":
        dispatch({ type: "edit", edit: { do: "add_rows", rows: [{ target: todo.field, direction: "->", write: "on_create", rule: { kind: "constant", value: "" } }] } });
        dispatch({ type: "open_row", row: types[at]?.field.length ?? 0, settings: true });
        focus("[data-rule-value] :is(select, input)");
        break;
      case "show":
        openRow(todo.row);
    }
  };
  useSought(open, "mapping", read.data !== null || read.error !== null, show);
  const showTried = (of: TypeMapping, row: TrialRow) => {
    const at = rowNow(of, row, mapping);
    if (at < 0) {
      announce(`The mapping of ${row.label} is not there any more.`);
      return;
    }
    openRow(at);
  };
  const step = (by: number) => {
    const count = check.problems.length;
    const from = current ?? (by > 0 ? -1 : 0);
    const problem = check.problems[(from + by + count) % Math.max(1, count)];
    if (problem) show(problem);
  };
  usePanes(place, PANES, () => {
    const inTarget = place.current?.querySelector("#pane-target")?.contains(document.activeElement) ?? false;
    return place.current?.querySelector<HTMLElement>(`#pane-${inTarget && tab === "fields" ? "target" : "source"} input[type=search]`) ?? null;
  });
  useKeys([
    [{ key: "F8" }, () => step(1)],
    [{ key: "F8", shift: true }, () => step(-1)],
  ]);

  useEffect(() => {
    if (drawer) place.current?.querySelector<HTMLElement>("#pane-source [role=listbox]")?.focus();
  }, [drawer]);

  const chosen = state.chosen;
  const offered = read.data;
  const takenMs = [offered?.source.taken_ms, offered?.target.taken_ms].filter((taken) => taken != null);
  const readMs = takenMs.length === 0 ? null : Math.min(...takenMs);
  const trays = (side: "source" | "target") => (
    <Tray
      key={side} side={side} offer={offers[side]} other={offers[side === "source" ? "target" : "source"]} offered={offered?.[side] ?? null} loading={read.loading}
      failed={read.error} mapping={mapping} open={state.open ?? state.row} chosen={chosen} dispatch={dispatch} join={join} announce={announce}
      drag={drag.start} readAnew={read.readAnew}
      sample={samples.sample} picker={side === "source" ? <TicketPicker view={offers.source.view} samples={samples} /> : undefined} titled={side === "target"}
    />
  );
  return (
    <div className="mapping" ref={place} data-drawer={drawer || undefined}>
      <EditorBar
        open={open} save="Save mapping" listed before={<DrawerOpener open={drawer} toggle={() => setDrawer((shown) => !shown)} controls="pane-source" />}
        more={<Button kind="quiet" size="small" className="mapping-copy" onClick={() => setCopying(true)}><span className="cut">Copy from another connection…</span></Button>}
      />
      {offered !== null && <Drift connection={connection.id} mapping={mapping} offered={offered} offers={offers} reviewed={read.put} />}
      <div className="mapping-panes">
        <section className="tray tray-source" id="pane-source" aria-label="Source fields" onKeyDown={(event) => {
          if (event.key !== "Escape" || !drawer) return;
          setDrawer(false);
          place.current?.querySelector<HTMLElement>(".drawer-opener button")?.focus();
        }}>{trays("source")}</section>
        <section className="mapping-rows" id="pane-rows" aria-label="Field mappings" data-drop="rows">
          <Rows
            connection={connection.id} mapping={mapping} state={state} offers={offers} loading={offered === null && read.error === null} unreached={offered?.source.trouble != null || offered?.target.trouble != null} tickets={tickets} counts={counts} check={check} dispatch={dispatch}
            announce={announce} focusTurn={focusTurn} focusRow={focusRow}
          />
        </section>
        <section className="tray tray-target" id="pane-target" aria-label={tab === "try" ? "Try on ticket" : "Target fields"}>
          <RightPane view={offers.target.view} tab={tab} choose={(to) => {
            if (to === "try") dispatch({ type: "choose_field", chosen: null });
            chooseTab(to);
          }}>
            {tab === "fields" ? trays("target") : <TryPane offers={offers} samples={samples} tried={tried} unsaved={open.unsaved > 0} wish={wish} setWish={setWish} show={showTried} />}
          </RightPane>
        </section>
      </div>
      <Problems check={check} types={types} offers={offers} readMs={readMs} current={Math.min(current ?? 0, Math.max(0, check.problems.length - 1))} show={show} act={act} />
      {copying && <CopyDialog connection={connection} open={open} mapping={mapping} offers={offers} close={() => setCopying(false)} announce={announce} />}
      <p className="hidden-text" role="status">{said}</p>
      {drag.ghost}
    </div>
  );
}
