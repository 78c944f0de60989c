// The one row that is not finished: it joins the document once both its fields are chosen.
import { type Dispatch, useEffect, useRef } from "react";
import type { FieldMapping } from "../../../api/generated/FieldMapping";
import type { Side } from "../../../api/generated/Side";
import { Icon } from "../../../components/icons";
import { Button } from "../../../components/kit";
import { PickMenu } from "../../../components/pick-menu";
import { firstRow, misfit } from "./fitting";
import type { Group } from "./grouped-select";
import type { Offer, Offers } from "./offer";
import type { Action } from "./reducer";

interface UnfinishedProps {
  unfinished: { source: string | null; target: string | null };
  /** How many rows the mapping has. */
  rows: number;
  offers: Offers;
  dispatch: Dispatch<Action>;
  focusRow: () => void;
  /** Leads to the value of the row that is open. */
  focusValue: () => void;
}

/** Stands for the source of a row that writes the same value always. */
export const FIXED = "=fixed";

export function Unfinished({ unfinished, rows, offers, dispatch, focusRow, focusValue }: UnfinishedProps) {
  const [source, target] = [unfinished.source ?? "", unfinished.target ?? ""];
  const row = useRef<HTMLDivElement>(null);
  const latest = useRef(source === "" ? 0 : 1);
  useEffect(() => {
    row.current?.querySelectorAll<HTMLElement>(".pick-menu button")[latest.current]?.focus();
    row.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const fill = (side: Side, field: string) => {
    const [from, to] = side === "source" ? [field, target] : [source, field];
    if (from === "" || to === "") {
      dispatch({ type: "fill_row", side, field: field === "" ? null : field });
      row.current?.querySelectorAll<HTMLElement>(".pick-menu button")[from === "" ? 0 : 1]?.focus();
      return;
    }
    const made: FieldMapping = from === FIXED ? { target: to, direction: "->", rule: { kind: "constant", value: "" } } : firstRow(offers, from, to);
    dispatch({ type: "edit", edit: { do: "add_rows", rows: [made] } });
    if (from !== FIXED) {
      focusRow();
      return;
    }
    dispatch({ type: "open_row", row: rows, settings: true });
    focusValue();
  };
  const drop = () => {
    dispatch({ type: "drop_row" });
    focusRow();
  };
  return (
    <div
      className="row row-columns row-unfinished" role="row" aria-label="New row, not finished" ref={row}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        drop();
      }}
    >
      <span role="gridcell"><Icon name="plus" small /></span>
      <span role="gridcell">
        <PickMenu field label={`${offers.source.view.label} field`} value={source} options={[{ value: FIXED, label: "Fixed value" }]} groups={choices(offers.source, offers.target, target)} choose={(next) => fill("source", next)}>
          <span className="cut">{source === "" ? "Choose a field…" : source === FIXED ? "Fixed value" : offers.source.label(source)}</span>
        </PickMenu>
      </span>
      <span role="gridcell" className="rows-middle quiet">{source === FIXED ? "→" : "⇄"}</span>
      <span role="gridcell">
        <PickMenu field label={`${offers.target.view.label} field`} value={target} groups={choices(offers.target, offers.source, source)} choose={(next) => fill("target", next)}>
          <span className="cut">{target === "" ? "Choose a field…" : offers.target.label(target)}</span>
        </PickMenu>
      </span>
      <span role="gridcell" className="quiet">not finished</span>
      <span role="gridcell" />
      <span role="gridcell"><Button kind="quiet" size="small" className="button-icon" aria-label="Drop this row" onClick={drop}><Icon name="close" small /></Button></span>
    </div>
  );
}

/** Fields of a side, those that can meet the other choice first. */
export function choices(offer: Offer, other: Offer, chosen: string): Group[] {
  const partner = other.field(chosen);
  const fits = (id: string) => {
    const field = offer.field(id);
    if (partner === undefined || field === undefined) return true;
    return (offer.side === "source" ? misfit(field, partner) : misfit(partner, field)) === null;
  };
  const all = (offer.schema?.fields ?? []).map((field) => ({ value: field.id, label: field.label }));
  if (partner === undefined) return [{ label: `${offer.view.label} fields`, options: all }];
  return [
    { label: `Can meet ${partner.label}`, options: all.filter((each) => fits(each.value)) },
    { label: "Other fields", options: all.filter((each) => !fits(each.value)) },
  ];
}
