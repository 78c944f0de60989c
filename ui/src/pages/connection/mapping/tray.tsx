// The fields of one side: search, what is mapped, required or locked, and which of them a chosen field can meet.
import { type Dispatch, type ReactNode, useId, useMemo, useRef, useState } from "react";
import type { ApiError } from "../../../api/generated/ApiError";
import type { FieldSchema } from "../../../api/generated/FieldSchema";
import type { OfferedSide } from "../../../api/generated/OfferedSide";
import type { SampleView } from "../../../api/generated/SampleView";
import type { Side } from "../../../api/generated/Side";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { Icon } from "../../../components/icons";
import { Tile } from "../../../components/shapes";
import { count } from "../../../lib/format";
import { FieldsAge, NotRead, Partly, SideTrouble } from "../editing/reach";
import { fieldsOf } from "../editing/rows";
import type { DragStart } from "./field-drag";
import { misfit } from "./fitting";
import type { Offer } from "./offer";
import type { Action, ChosenField } from "./reducer";
import { FieldItem, type Listed } from "./tray-item";
import { TrayList } from "./tray-list";
import { useSteady } from "./use-steady";

interface TrayProps {
  side: Side;
  offer: Offer;
  other: Offer;
  offered: OfferedSide | null;
  loading: boolean;
  failed: ApiError | null;
  mapping: TypeMapping;
  open: number | null;
  chosen: ChosenField | null;
  dispatch: Dispatch<Action>;
  join: (source: string, target: string) => void;
  announce: (text: string) => void;
  drag: DragStart;
  readAnew: () => void;
  /** The ticket whose values are shown. */
  sample: SampleView | null;
  picker?: ReactNode;
  /** A tab above says whose fields these are. */
  titled?: boolean;
}

export function Tray(props: TrayProps) {
  const { side, offer, other, offered, loading, failed, mapping, open, chosen, dispatch, join, announce, drag, readAnew, sample, picker, titled = false } = props;
  const [search, setSearch] = useState("");
  const [active, setActive] = useState(0);
  const title = useId();
  const list = useRef<HTMLUListElement>(null);
  const fields = useMemo(() => offer.schema?.fields ?? [], [offer]);
  const mapped = useMemo(() => new Set(mapping.field.flatMap((row) => fieldsOf(row, side))), [mapping, side]);
  const inRow = useMemo(() => new Set(open === null || mapping.field[open] === undefined ? [] : fieldsOf(mapping.field[open], side)), [mapping, open, side]);
  const partner = chosen !== null && chosen.side !== side ? other.field(chosen.field) : undefined;
  const listed = useMemo(() => ordered(fields, mapped, partner, side, search), [fields, mapped, partner, side, search]);
  const at = Math.min(active, Math.max(0, listed.length - 1));
  const place = offer.view.label;
  const lost = failed ?? offered?.trouble ?? null;

  const choose = (field: FieldSchema, held: boolean) => {
    const again = chosen?.side === side && chosen.field === field.id && chosen.held === held;
    dispatch({ type: "choose_field", chosen: again ? null : { side, field: field.id, held } });
    const row = mapping.field.findIndex((each) => fieldsOf(each, side).includes(field.id));
    if (!again && row >= 0) dispatch({ type: "select_row", row });
    if (again) announce(`${field.label} put back.`);
    else if (held) announce(`${field.label} picked up. F6 goes to the other fields, Enter maps.`);
  };
  const pick = useSteady((field: FieldSchema, index: number) => {
    setActive(index);
    choose(field, false);
  });
  const press = (event: React.KeyboardEvent) => {
    const here = listed[at];
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: listed.length - 1, PageDown: at + 10, PageUp: at - 10 }[event.key];
    if (to !== undefined) setActive(Math.max(0, Math.min(listed.length - 1, to)));
    else if (event.key === "Escape" && chosen !== null) dispatch({ type: "choose_field", chosen: null });
    else if (here !== undefined && event.key === " ") choose(here.field, true);
    else if (here !== undefined && event.key === "Enter") {
      if (chosen !== null && chosen.side !== side) join(side === "target" ? chosen.field : here.field.id, side === "target" ? here.field.id : chosen.field);
      else choose(here.field, false);
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const next = [...listed.slice(at + 1), ...listed.slice(0, at + 1)].find((each) => each.field.label.toLowerCase().startsWith(event.key.toLowerCase()));
      if (next !== undefined) setActive(listed.indexOf(next));
    } else return;
    event.preventDefault();
    if (event.key === "Escape") event.stopPropagation();
  };
  const item = (each: Listed, index: number) => (
    <FieldItem
      key={each.field.id} listed={each} side={side} values={offer.values(each.field.id).length} sample={sample?.values[side][each.field.id]} index={index} count={listed.length} active={index === at} id={`${title}-${index}`}
      selected={(chosen?.side === side && chosen.field === each.field.id) || (chosen === null && inRow.has(each.field.id))} held={chosen?.side === side && chosen.field === each.field.id && chosen.held}
      choose={pick} drag={drag}
    />
  );
  return (
    <>
      <header className="tray-head">
        <h2 className={titled ? "hidden-text" : undefined}>{!titled && <Tile side={offer.view} role={side} small />}<span id={title} className="cut">{place} {offer.schema?.type_label.toLowerCase() ?? "fields"}</span></h2>
        {picker}
        <label className="tray-search">
          <span className="hidden-text">Search {place} fields</span>
          <Icon name="search" small />
          <input type="search" value={search} placeholder="Search fields" onChange={(event) => {
            setSearch(event.target.value);
            setActive(0);
          }} onKeyDown={(event) => {
            if (event.key === "ArrowDown") list.current?.focus();
          }} />
        </label>
      </header>
      <SideTrouble view={offer.view} offered={offered} busy={loading} readAnew={readAnew} />
      <Partly view={offer.view} missing={offer.schema?.not_confirmed ?? []} />
      {offer.schema === null && (lost !== null ? <NotRead title="The fields could not be read" error={lost} view={offer.view} retry={readAnew} /> : loading && <TraySkeleton place={place} />)}
      {offer.schema !== null && listed.length === 0 && <p className="tray-none">No field is called “{search}”.</p>}
      <TrayList list={list} labelledBy={title} activeId={listed.length === 0 ? undefined : `${title}-${at}`} active={at} listed={listed} press={press} item={item} />
      <footer className="tray-foot">
        <strong>{count(fields.length)} fields</strong>
        <span>{count(mapped.size)} mapped</span>
        {side === "target" && <span>{count(fields.filter((field) => field.required_on_create).length)} required</span>}
        {offered?.trouble == null && <FieldsAge view={offer.view} offered={offered} busy={loading} readAnew={readAnew} />}
      </footer>
    </>
  );
}

/** Mapped fields first, in the order of their rows; beside a chosen field first those it can meet, then the others and why not. */
function ordered(fields: FieldSchema[], mapped: ReadonlySet<string>, partner: FieldSchema | undefined, side: Side, search: string): Listed[] {
  const wanted = search.trim().toLowerCase();
  const places = new Map([...mapped].map((id, at) => [id, at]));
  const rank = (each: Listed) => (each.why === null ? 0 : 1_000_000) + (places.get(each.field.id) ?? 1000);
  return fields
    .filter((field) => wanted === "" || field.label.toLowerCase().includes(wanted) || field.id.toLowerCase().includes(wanted))
    .map((field): Listed => {
      const why = partner === undefined ? null : side === "target" ? misfit(partner, field) : misfit(field, partner);
      return { field, mapped: mapped.has(field.id), why };
    })
    .sort((one, other) => rank(one) - rank(other));
}

function TraySkeleton({ place }: { place: string }) {
  return (
    <div className="tray-skeleton" role="status" aria-label={`Reading ${place} fields`}>
      {Array.from({ length: 9 }, (_, at) => <div key={at} aria-hidden="true"><span /><span /></div>)}
    </div>
  );
}
