// Everything else: what happens to a value without a pair, one choice for each direction. It cannot be removed.
import type { Dispatch } from "react";
import type { FieldMapping } from "../../../api/generated/FieldMapping";
import type { Otherwise } from "../../../api/generated/Otherwise";
import type { Side } from "../../../api/generated/Side";
import { Icon } from "../../../components/icons";
import { fieldsOf } from "../editing/rows";
import { GroupedSelect } from "./grouped-select";
import type { Offers } from "./offer";
import type { Action } from "./reducer";

interface EverythingElseProps {
  /** What is written to each side; a rule that writes one side only has nothing for the other. */
  source: Otherwise | null;
  target: Otherwise | null;
  row: FieldMapping;
  index: number;
  offers: Offers;
  dispatch: Dispatch<Action>;
}

export function EverythingElse({ source, target, row, index, offers, dispatch }: EverythingElseProps) {
  const choice = (to: Side, now: Otherwise | null) => {
    if (now === null) return <span />;
    const [from, offer] = to === "target" ? [offers.source, offers.target] : [offers.target, offers.source];
    const [field = ""] = fieldsOf(row, to);
    const values = offer.values(field).map((value) => ({ value: `use:${value.id}`, label: value.label }));
    return (
      <GroupedSelect
        dashed label={`Everything else, ${from.view.label} to ${offer.view.label}`} value={typeof now === "string" ? now : `use:${now.use}`}
        options={[{ value: "ask", label: "Stop and ask" }, { value: "leave", label: `Leave ${offer.label(field)} as it is` }]} groups={[{ label: "Use value…", options: values }]}
        change={(next) => dispatch({ type: "edit", edit: { do: "set_otherwise", row: index, to, otherwise: next === "ask" || next === "leave" ? next : { use: next.slice(4) } } })}
      />
    );
  };
  return (
    <div className="else value-columns">
      {choice("source", source)}
      <span className="else-name"><span className="else-arrow else-back" data-on={source !== null || undefined}><Icon name="left" small /></span>Everything else<span className="else-arrow"><Icon name="right" small /></span></span>
      {choice("target", target)}
    </div>
  );
}
