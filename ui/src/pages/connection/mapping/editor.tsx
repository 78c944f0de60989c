// The editor: joins the document, what both sides offer, the checker and the draft, and lays out bar, panes and problems.
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from "react";
import type { ConnectionCard } from "../../../api/generated/ConnectionCard";
import type { EditorPicture } from "../../../api/generated/EditorPicture";
import type { FoundProblem } from "../../../api/generated/FoundProblem";
import type { Scope } from "../../../api/generated/Scope";
import type { TrialRow } from "../../../api/generated/TrialRow";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { useQuery } from "../../../api/query";
import { Empty } from "../../../components/shapes";
import { useKeys } from "../../../lib/keys";
import { Bar } from "./bar";
import { differences } from "./differences";
import { keyOf, typesOf } from "./document";
import { useFieldDrag } from "./field-drag";
import { firstRow, misfit } from "./fitting";
import { type Offers, offerOf } from "./offer";
import { Problems } from "./problems";
import { reduced, started } from "./reducer";
import { RightPane, type RightTab } from "./right-pane";
import { Rows } from "./rows";
import { TicketPicker } from "./ticket-picker";
import { Tray } from "./tray";
import { rowNow, TryPane, type Wish } from "./try-pane";
import { useCheck } from "./use-check";
import { ticketsOf, useCounts } from "./use-counts";
import { useDraft } from "./use-draft";
import { useSamples } from "./use-samples";
import { useTrial } from "./use-trial";
import { Versions } from "./versions";

const NOWHERE: Scope = { container: "", ticket_type: "" };
const PANES = ["pane-source", "pane-rows", "pane-target", "pane-problems"];

interface EditorProps {
  connection: ConnectionCard;
  opened: EditorPicture;
  tell: (errors: number) => void;
}

export function Editor({ connection, opened, tell }: EditorProps) {
  const [state, dispatch] = useReducer(reduced, opened, (picture) => started(picture.draft?.document ?? picture.document));
  const [anew, setAnew] = useState(false);
  const [drawer, setDrawer] = useState(false);
  const [versions, setVersions] = useState(false);
  const [chosenTab, chooseTab] = useState<RightTab>("fields");
  const [wish, setWish] = useState<Wish | null>(null);
  const [said, say] = useState("");
  // The same sentence twice is told twice.
  const announce = useCallback((text: string) => say((before) => (before === text ? `${text}\u00a0` : text)), []);
  const [current, setCurrent] = useState<number | null>(null);
  const [focusTurn, setFocusTurn] = useState(0);
  const place = useRef<HTMLDivElement>(null);

  const types = typesOf(state.document);
  const mapping = types[state.type];
  const draft = useDraft(connection.id, opened, state.document);
  const check = useCheck(connection.id, state.document);
  const read = useQuery("read_offers", { connection: connection.id, source: mapping?.source ?? NOWHERE, target: mapping?.target ?? NOWHERE, anew });
  const offers: Offers = useMemo(
    () => ({ source: offerOf("source", connection.source_side, read.data?.source ?? null), target: offerOf("target", connection.target_side, read.data?.target ?? null) }),
    [connection.source_side, connection.target_side, read.data],
  );
  const counts = useCounts(connection.id, mapping, offers.source.schema !== null && offers.target.schema !== null, check.again);
  const tickets = useMemo(() => ticketsOf(counts.counted), [counts.counted]);
  const samples = useSamples(connection.id, mapping, offers.source.schema !== null && offers.target.schema !== null);
  // A field that was picked up needs those it can meet.
  const tab: RightTab = state.chosen?.held === true ? "fields" : chosenTab;
  const tried = useTrial(connection.id, mapping, samples.sample, tab === "try");
  const unsaved = useMemo(() => differences(draft.picture.document, state.document).length, [draft.picture.document, state.document]);
  const errors = check.problems.filter((problem) => problem.level === "error").length;
  useEffect(() => {
    tell(errors);
  }, [tell, errors]);
  useEffect(() => () => tell(0), [tell]);

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
      const known = mapping?.field.findIndex((each) => keyOf(each) === keyOf(row)) ?? -1;
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
    [offers, mapping, focusRow, announce],
  );
  const drag = useFieldDrag((from, at) => {
    if (at === "rows") dispatch(from.side === "source" ? { type: "start_row", source: from.field } : { type: "start_row", target: from.field });
    else if (at.side !== from.side) join(from.side === "source" ? from.field : at.field, from.side === "source" ? at.field : from.field);
  });

  const show = (problem: FoundProblem) => {
    setCurrent(check.problems.indexOf(problem));
    const at = types.findIndex((type) => type.name === problem.place.type_mapping);
    if (at >= 0) dispatch({ type: "show_type", at });
    const part = problem.place;
    if (part.part !== "field") return;
    const rows = types[at]?.field ?? [];
    const named = rows[part.index];
    const row = named !== undefined && keyOf(named) === part.key ? part.index : rows.findIndex((each) => keyOf(each) === part.key);
    if (row < 0) return;
    const settings = rows[row]?.rule.kind !== "values";
    dispatch({ type: "open_row", row, pair: part.pair ?? null, settings });
    focusRow();
  };
  const showTried = (of: TypeMapping, row: TrialRow) => {
    const at = mapping === undefined ? -1 : rowNow(of, row, mapping);
    if (at < 0) {
      announce(`The mapping of ${row.label} is not there any more.`);
      return;
    }
    dispatch({ type: "open_row", row: at, settings: mapping?.field[at]?.rule.kind !== "values" });
    focusRow();
  };
  const step = (by: number) => {
    const count = check.problems.length;
    const from = current ?? (by > 0 ? -1 : 0);
    const problem = check.problems[(from + by + count) % Math.max(1, count)];
    if (problem) show(problem);
  };
  const pane = (by: number) => {
    const here = PANES.findIndex((id) => place.current?.querySelector(`#${id}`)?.contains(document.activeElement));
    for (let away = 1; away <= PANES.length; away += 1) {
      const id = PANES[(here + by * away + 2 * PANES.length) % PANES.length] ?? "";
      const target = place.current?.querySelector<HTMLElement>(`#${id} :is([tabindex="0"], [data-enter])`);
      if (target != null && window.getComputedStyle(target.closest("section") ?? target).display !== "none") {
        target.focus();
        return;
      }
    }
  };
  const search = () => {
    const inTarget = place.current?.querySelector("#pane-target")?.contains(document.activeElement) ?? false;
    const box = place.current?.querySelector<HTMLInputElement>(`#pane-${inTarget && tab === "fields" ? "target" : "source"} input[type=search]`);
    box?.focus();
  };

  const save = async () => {
    if (errors > 0) {
      if (await draft.keep()) announce("The draft is saved.");
      return;
    }
    const saved = await draft.save();
    if (saved !== null) announce(saved.live ? "The mapping is saved and takes effect at the next sync." : "Saved as a draft: an error stands in it.");
  };
  const discard = async () => {
    const live = await draft.discard();
    if (live === null) return;
    dispatch({ type: "replace", document: live });
    announce("The saved mapping is back.");
  };
  useKeys([
    [{ key: "s", ctrl: true }, () => void save()],
    [{ key: "Enter", ctrl: true }, () => void save()],
    [{ key: "z", ctrl: true }, () => dispatch({ type: "undo" })],
    [{ key: "z", ctrl: true, shift: true }, () => dispatch({ type: "redo" })],
    [{ key: "f", ctrl: true }, search],
    [{ key: "F6" }, () => pane(1)],
    [{ key: "F6", shift: true }, () => pane(-1)],
    [{ key: "F8" }, () => step(1)],
    [{ key: "F8", shift: true }, () => step(-1)],
  ]);

  useEffect(() => {
    if (drawer) place.current?.querySelector<HTMLElement>("#pane-source [role=listbox]")?.focus();
  }, [drawer]);

  if (mapping === undefined) {
    return <div className="screen"><Empty title="No ticket type yet">A connection maps one ticket type at a time. This one has none, so there is nothing to map.</Empty></div>;
  }
  const chosen = state.chosen;
  const offered = read.data;
  const trays = (side: "source" | "target") => (
    <Tray
      key={side} side={side} offer={offers[side]} other={offers[side === "source" ? "target" : "source"]} offered={offered?.[side] ?? null} loading={read.loading}
      failed={read.error} mapping={mapping} open={state.open ?? state.row} chosen={chosen} dispatch={dispatch} join={join} announce={announce}
      drag={drag.start} readAnew={() => (anew ? read.reload() : setAnew(true))}
      sample={samples.sample} picker={side === "source" ? <TicketPicker view={offers.source.view} samples={samples} /> : undefined} titled={side === "target"}
    />
  );
  return (
    <div className="mapping" ref={place} data-drawer={drawer || undefined}>
      <Bar
        types={types} type={state.type} chooseType={(at) => dispatch({ type: "show_type", at })} unsaved={unsaved} errors={errors} draft={draft} checking={!check.fresh}
        canUndo={state.past.length > 0} canRedo={state.future.length > 0} undo={() => dispatch({ type: "undo" })} redo={() => dispatch({ type: "redo" })}
        save={() => void save()} discard={() => void discard()} openVersions={() => setVersions(true)} drawer={drawer} toggleDrawer={() => setDrawer((open) => !open)}
      />
      <div className="mapping-panes">
        <section className="tray tray-source" id="pane-source" aria-label="Source fields" onKeyDown={(event) => {
          if (event.key !== "Escape" || !drawer) return;
          setDrawer(false);
          place.current?.querySelector<HTMLElement>(".drawer-button")?.focus();
        }}>{trays("source")}</section>
        <section className="mapping-rows" id="pane-rows" aria-label="Field mappings" data-drop="rows">
          <Rows
            connection={connection.id} mapping={mapping} state={state} offers={offers} loading={offered === null && read.error === null} tickets={tickets} counts={counts} check={check} dispatch={dispatch}
            announce={announce} focusTurn={focusTurn} focusRow={focusRow}
          />
        </section>
        <section className="tray tray-target" id="pane-target" aria-label={tab === "try" ? "Try on ticket" : "Target fields"}>
          <RightPane view={offers.target.view} tab={tab} choose={(to) => {
            if (to === "try") dispatch({ type: "choose_field", chosen: null });
            chooseTab(to);
          }}>
            {tab === "fields" ? trays("target") : <TryPane offers={offers} samples={samples} tried={tried} unsaved={unsaved > 0} wish={wish} setWish={setWish} show={showTried} />}
          </RightPane>
        </section>
      </div>
      <Problems
        check={check} types={types} offers={offers} current={Math.min(current ?? 0, Math.max(0, check.problems.length - 1))} show={show}
        fix={(problem) => {
          const [remedy] = problem.remedies;
          if (remedy === undefined) return;
          dispatch({ type: "edit", edit: { do: "apply", changes: remedy.changes }, of: problem.place.type_mapping });
          announce(`Done: ${remedy.label}.`);
        }}
      />
      {versions && (
        <Versions
          connection={connection.id} document={state.document} offers={offers} close={() => setVersions(false)}
          restore={(restored, revision) => {
            dispatch({ type: "replace", document: { ...restored, name: state.document.name, source: state.document.source, target: state.document.target } });
            announce(`Version ${revision} is back in the draft.`);
            setVersions(false);
          }}
        />
      )}
      <p className="hidden-text" role="status">{said}</p>
      {drag.ghost}
    </div>
  );
}
