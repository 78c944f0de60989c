// One field of a tray: type, name, what it holds, and its marks.
import { memo } from "react";
import type { FieldSchema } from "../../../api/generated/FieldSchema";
import type { Side } from "../../../api/generated/Side";
import { Icon } from "../../../components/icons";
import type { DragStart } from "./field-drag";
import { KIND_ICONS, kindText } from "./words";

export interface Listed {
  field: FieldSchema;
  mapped: boolean;
  /** Why it cannot meet the chosen field. */
  why: string | null;
}

interface FieldItemProps {
  listed: Listed;
  side: Side;
  values: number;
  /** What it holds on the ticket at hand; undefined where that was not read. */
  sample: string | undefined;
  index: number;
  count: number;
  id: string;
  active: boolean;
  selected: boolean;
  held: boolean;
  choose: (field: FieldSchema, index: number) => void;
  drag: DragStart;
}

export const FieldItem = memo(function FieldItem({ listed, side, values, sample, index, count, id, active, selected, held, choose, drag }: FieldItemProps) {
  const { field, mapped, why } = listed;
  const classes = ["tray-field", active ? "tray-active" : "", held ? "tray-held" : "", why === null ? "" : "tray-misfit", field.read_only === null ? "" : "tray-locked"];
  const needs = field.required_on_create && !mapped;
  return (
    <li
      id={id} role="option" aria-selected={selected} aria-setsize={count} aria-posinset={index + 1} className={classes.filter(Boolean).join(" ")} data-side={side} data-field={field.id}
      title={why ?? field.read_only ?? undefined} onClick={() => choose(field, index)} onPointerDown={(event) => drag(event, { side, field: field.id, label: field.label })}
    >
      <Icon name={KIND_ICONS[field.kind]} small />
      <span className="tray-name cut">{field.label}</span>
      {mapped && <span className="tray-dot"><span className="hidden-text">, mapped</span></span>}
      {needs && <span className="tray-required">required</span>}
      {field.read_only !== null && <span className="quiet"><Icon name="lock" small /><span className="hidden-text">, read-only</span></span>}
      <Second why={why} sample={sample} field={field} values={values} />
    </li>
  );
}, (before, after) => (
  before.listed.field === after.listed.field && before.listed.mapped === after.listed.mapped && before.listed.why === after.listed.why && before.values === after.values && before.sample === after.sample &&
  before.index === after.index && before.count === after.count && before.active === after.active && before.selected === after.selected && before.held === after.held && before.choose === after.choose
));

/** What stands in the field; else what it holds in general. A field that cannot be written says so sooner than that it is empty. */
function Second({ why, sample, field, values }: { why: string | null; sample: string | undefined; field: FieldSchema; values: number }) {
  if (why !== null || sample === undefined || (sample === "" && field.read_only !== null)) return <span className="tray-kind cut">{why ?? kindText(field, values)}</span>;
  return <span className={sample === "" ? "tray-sample quiet cut" : "tray-sample cut"}><span className="hidden-text">: </span>{sample === "" ? "empty" : sample}</span>;
}
