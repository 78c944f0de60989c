// The selected pair: its direction, whether it stands for its group on the way back, and what the status change must send.
import { type Dispatch, useId, useState } from "react";
import type { FieldMapping } from "../../../api/generated/FieldMapping";
import type { Need } from "../../../api/generated/Need";
import type { Side } from "../../../api/generated/Side";
import type { ValuePair } from "../../../api/generated/ValuePair";
import { Icon } from "../../../components/icons";
import { Button } from "../../../components/kit";
import { PickMenu } from "../../../components/pick-menu";
import { opposite } from "../editing/parts";
import { directionOf, pairsOf, writes } from "../editing/rows";
import { inGroup, undecidedMates } from "./edits";
import { GroupedSelect } from "./grouped-select";
import { type NeededField, neededFor, type Offers } from "./offer";
import type { Action } from "./reducer";
import { DIRECTIONS } from "./words";

interface PairCardProps {
  row: FieldMapping;
  index: number;
  pair: ValuePair;
  at: number;
  fields: Record<Side, string>;
  /** What is wrong with each value: not offered any more, or out of reach. */
  trouble: Record<Side, string | null>;
  offers: Offers;
  dispatch: Dispatch<Action>;
  turn: (pair: number) => void;
  unpair: () => void;
  leadBack: (pair: number, on: boolean) => void;
  /** Leads back to the values. */
  back: () => void;
}

export function PairCard({ row, index, pair, at, fields, trouble, offers, dispatch, turn, unpair, leadBack, back }: PairCardProps) {
  const pairs = pairsOf(row);
  const direction = DIRECTIONS[directionOf(pair)];
  const grouped = inGroup(pairs, at);
  const decided = directionOf(pair) === "<->" && undecidedMates(pairs, at, row.direction).length === 0;
  const id = useId();
  const name = (side: Side) => offers[side].valueLabel(fields[side], pair[side]);
  const needs = (["target", "source"] as const).flatMap((side) => {
    if (!writes(row.direction, side) || !writes(directionOf(pair), side) || !offers[side].isStatus(fields[side])) return [];
    const given = (side === "target" ? pair.target_needs : pair.source_needs) ?? [];
    const asked = neededFor(offers[side], pair[side]);
    const extra: NeededField[] = given.filter((need) => !asked.some((field) => field.id === need.field))
      .map((need) => ({ id: need.field, label: offers[side].label(need.field), required: false, options: [], steps: [] }));
    return [...asked, ...extra].map((field) => ({ side, field, need: given.find((each) => each.field === field.id) ?? null }));
  });
  const shown = needs.filter((each) => each.field.required || each.need !== null);
  const optional = needs.filter((each) => !each.field.required && each.need === null);
  const [added, setAdded] = useState<string[]>([]);
  const all = [...shown, ...optional.filter((each) => added.includes(`${each.side} ${each.field.id}`))];
  const more = optional.filter((each) => !added.includes(`${each.side} ${each.field.id}`));
  return (
    <section
      className="pair-card" aria-label="Selected pair"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        back();
      }}
    >
      <header>
        <p className="pair-name">
          <span className="cut">{name("source")}</span>
          <button type="button" className="row-direction" aria-label={`${name("source")} and ${name("target")}: ${direction.label}. Turn`} title={direction.label} onClick={() => turn(at)}><Icon name={direction.icon} /></button>
          <span className="cut">{name("target")}</span>
        </p>
        {all.length > 0 && <span className="quiet cut">fields this status change needs</span>}
        {grouped && (
          <span className="pair-back">
            <input id={id} type="checkbox" checked={decided} onChange={() => {
              leadBack(at, !decided);
            }} />
            <label htmlFor={id}>Use on the way back</label>
          </span>
        )}
        <Button kind="quiet" size="small" onClick={unpair}>Remove pair</Button>
      </header>
      {(["source", "target"] as const).map((side) => trouble[side] !== null && (
        <div key={side} className="pair-trouble">
          <GroupedSelect
            label={`${offers[side].label(fields[side])} of the pair`} caption={<><Icon name="warning" small />{offers[side].view.label}: {name(side)}, {trouble[side]}</>} value={pair[side]}
            options={offers[side].values(fields[side]).some((value) => value.id === pair[side]) ? [] : [{ value: pair[side], label: name(side) }]}
            groups={[{ label: offers[side].label(fields[side]), options: offers[side].values(fields[side]).map((value) => ({ value: value.id, label: value.label })) }]}
            change={(value) => dispatch({ type: "edit", edit: { do: "set_end", row: index, pair: at, side, value } })}
          />
        </div>
      ))}
      {(all.length > 0 || more.length > 0) && (
        <div className="pair-needs">
          {all.map(({ side, field, need }) => (
            <NeedChoice key={`${side} ${field.id}`} side={side} field={field} need={need} offers={offers} set={(next) => dispatch({ type: "edit", edit: { do: "set_need", row: index, pair: at, side, field: field.id, need: next }, merge: `need ${index} ${at} ${side} ${field.id}` })} />
          ))}
          {more.length > 0 && (
            <div className="pair-more">
              <PickMenu
                label="Send another field with this status change" kind="quiet" icon="plus" groups={[{ label: "The steps also take", options: more.map((each) => ({ value: `${each.side} ${each.field.id}`, label: each.field.label })) }]}
                choose={(next) => setAdded((had) => [...had, next])}
              >Add field…</PickMenu>
            </div>
          )}
        </div>
      )}
    </section>
  );
}

interface NeedChoiceProps {
  side: Side;
  field: NeededField;
  need: Need | null;
  offers: Offers;
  set: (need: Need | null) => void;
}

/** Where a needed value comes from. Nothing is ever invented: without a choice it is empty, and an error where required. */
function NeedChoice({ side, field, need, offers, set }: NeedChoiceProps) {
  const platform = offers[side].view.label;
  const other = offers[opposite(side)];
  const step = field.steps.length === 1 && side === "target" ? ` “${field.steps[0] ?? ""}”` : "";
  const typed = need === null ? null : "text" in need ? { value: need.text, label: "Text", put: (text: string) => set({ field: field.id, text }) }
    : "last_public_comment" in need ? { value: need.last_public_comment, label: "Text if there is no comment", put: (text: string) => set({ field: field.id, last_public_comment: text }) }
      : "fixed" in need && field.options.length === 0 ? { value: need.fixed, label: "Fixed value", put: (text: string) => set({ field: field.id, fixed: text }) } : null;
  const value = need === null ? "" : "fixed" in need ? (field.options.length === 0 ? "fixed" : `fixed:${need.fixed}`) : "from" in need ? `from:${need.from.field}` : "text" in need ? "text" : "comment";
  const choose = (next: string) => {
    if (next === "") set(null);
    else if (next === "text") set({ field: field.id, text: typed?.value ?? "" });
    else if (next === "comment") set({ field: field.id, last_public_comment: typed?.value ?? "" });
    else if (next === "fixed") set({ field: field.id, fixed: typed?.value ?? "" });
    else if (next.startsWith("fixed:")) set({ field: field.id, fixed: next.slice(6) });
    else set({ field: field.id, from: { field: next.slice(5) } });
  };
  const fixed = field.options.length === 0 ? [{ value: "fixed", label: "Fixed value…" }] : field.options.map((option) => ({ value: `fixed:${option.id}`, label: option.label }));
  return (
    <div className="need">
      <GroupedSelect
        label={`${platform}: ${field.label}`} caption={<><Icon name={side === "target" ? "right" : "left"} small />{platform}{step}: {field.label}</>} value={value} wrong={field.required && need === null}
        options={[{ value: "", label: field.required ? "Choose…" : "Not sent" }]}
        groups={[
          { label: "Fixed value", options: fixed }, { label: "Text", options: [{ value: "text", label: "Text…" }, { value: "comment", label: "Last public comment" }] },
          { label: "From field", options: (other.schema?.fields ?? []).map((each) => ({ value: `from:${each.id}`, label: `${other.view.label}: ${each.label}` })) },
        ]}
        change={choose}
      />
      {typed !== null && <input className="text-input text-input-small" aria-label={`${typed.label} for ${field.label}`} value={typed.value} placeholder={typed.label} onChange={(event) => typed.put(event.target.value)} />}
    </div>
  );
}
