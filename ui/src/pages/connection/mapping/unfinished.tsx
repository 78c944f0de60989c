// The one row that is not finished: it joins the document once both its fields are chosen.
import { type Dispatch, useEffect, useRef, useState } from "react";
import { Icon } from "../../../components/icons";
import { Button } from "../../../components/kit";
import { firstRow, misfit } from "./fitting";
import { GroupedSelect, type Group } from "./grouped-select";
import type { Offer, Offers } from "./offer";
import type { Action } from "./reducer";

interface UnfinishedProps {
  unfinished: { source: string | null; target: string | null };
  offers: Offers;
  dispatch: Dispatch<Action>;
  focusRow: () => void;
}

export function Unfinished({ unfinished, offers, dispatch, focusRow }: UnfinishedProps) {
  const [source, setSource] = useState(unfinished.source ?? "");
  const [target, setTarget] = useState(unfinished.target ?? "");
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const empty = [...(row.current?.querySelectorAll("select") ?? [])].find((each) => each.value === "");
    empty?.focus();
    row.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const finish = (from: string, to: string) => {
    if (from === "" || to === "") return;
    dispatch({ type: "edit", edit: { do: "add_rows", rows: [firstRow(offers, from, to)] } });
    focusRow();
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
        <GroupedSelect label={`${offers.source.view.label} field`} value={source} options={[{ value: "", label: "Choose a field…" }]} groups={choices(offers.source, offers.target, target)} change={(next) => {
          setSource(next);
          finish(next, target);
        }} />
      </span>
      <span role="gridcell" className="rows-middle quiet">⇄</span>
      <span role="gridcell">
        <GroupedSelect label={`${offers.target.view.label} field`} value={target} options={[{ value: "", label: "Choose a field…" }]} groups={choices(offers.target, offers.source, source)} change={(next) => {
          setTarget(next);
          finish(source, next);
        }} />
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
