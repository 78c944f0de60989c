// The settings of a row: fields, direction, rule, when it writes, what happens when both sides changed.
import { type Dispatch, useEffect, useId, useRef } from "react";
import type { FieldMapping } from "../../../api/generated/FieldMapping";
import type { OnConflict } from "../../../api/generated/OnConflict";
import type { Rule } from "../../../api/generated/Rule";
import type { Write } from "../../../api/generated/Write";
import { Button, Checkbox, Select } from "../../../components/kit";
import { fieldsOf } from "../editing/rows";
import { firstRule } from "./fitting";
import type { Offers } from "./offer";
import type { Action } from "./reducer";
import { choices } from "./unfinished";
import { GroupedSelect } from "./grouped-select";
import { CONFLICTS, DIRECTIONS, RULES } from "./words";

interface RowSettingsProps {
  row: FieldMapping;
  index: number;
  last: number;
  name: string;
  /** The rule Builder can stand here. */
  builder: boolean;
  offers: Offers;
  dispatch: Dispatch<Action>;
  focusRow: () => void;
  openDescription: () => void;
}

export function RowSettings({ row, index, last, name, builder, offers, dispatch, focusRow, openDescription }: RowSettingsProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Enter on a row edits its first cell; a click on the settings button leaves the focus there.
    if ((document.activeElement as HTMLElement | null)?.dataset["row"] !== undefined) place.current?.querySelector("select")?.focus();
  }, []);
  const [sources, targets] = [fieldsOf(row, "source"), fieldsOf(row, "target")];
  const field = (side: "source" | "target", ids: string[]) => {
    const [offer, other] = side === "source" ? [offers.source, offers.target] : [offers.target, offers.source];
    const [partner = ""] = side === "source" ? targets : sources;
    if (side === "source" && row.rule.kind === "matrix" && ids.length <= 2) return <MatrixFields ids={ids} row={row} index={index} offers={offers} dispatch={dispatch} name={name} />;
    if (ids.length > 1) return <p className="row-settings-fields"><span className="field-label">{offer.view.label} fields</span>{offer.labels(ids)}</p>;
    const none = row.rule.kind === "constant" || row.rule.kind === "text";
    return (
      <GroupedSelect
        label={`${offer.view.label} field of ${name}`} caption={`${offer.view.label} field`} value={ids[0] ?? ""} options={none || ids.length === 0 ? [{ value: "", label: "No field" }] : []} groups={choices(offer, other, partner)}
        change={(next) => dispatch({ type: "edit", edit: { do: "set_fields", row: index, side, fields: next === "" ? [] : [next] } })}
      />
    );
  };
  const write = typeof row.write === "object" ? "while_status" : (row.write ?? "always");
  return (
    <div
      className="row-settings" role="group" aria-label={`Settings of ${name}`} ref={place}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        dispatch({ type: "open_row", row: null });
        focusRow();
      }}
    >
      <div data-field-side="source">{field("source", sources)}</div>
      <div data-field-side="target">{field("target", targets)}</div>
      <Select small label="Direction" value={row.direction} change={(direction) => dispatch({ type: "edit", edit: { do: "set_direction", row: index, direction } })} options={(["<->", "->", "<-"] as const).map((value) => ({ value, label: DIRECTIONS[value].label }))} />
      <Select small label="Rule" value={row.rule.kind} change={(kind) => dispatch({ type: "edit", edit: kind === "matrix" ? { do: "set_matrix", row: index, fields: sources } : { do: "set_rule", row: index, rule: ruleOf(kind, row, offers) } })} options={rulesFor(row, offers, builder)} />
      <Select small label="Writes" value={write} change={(next) => dispatch({ type: "edit", edit: { do: "set_write", row: index, write: writeOf(next, row, offers) } })} options={[{ value: "always", label: "On every change" }, { value: "on_create", label: "Only on create" }, { value: "while_status", label: "Only while status is…" }]} />
      {row.direction === "<->" && (
        <Select small label="If both sides changed" value={row.on_conflict ?? "ask"} change={(onConflict: OnConflict) => dispatch({ type: "edit", edit: { do: "set_on_conflict", row: index, onConflict } })} options={(Object.keys(CONFLICTS) as OnConflict[]).map((value) => ({ value, label: CONFLICTS[value] }))} />
      )}
      {row.direction !== "<->" && (
        <Checkbox
          label={`Write over changes made in ${offers[row.direction === "->" ? "target" : "source"].view.label}`} on={row.enforce === true}
          change={(on) => dispatch({ type: "edit", edit: { do: "set_enforce", row: index, on } })}
        />
      )}
      {row.rule.kind === "description" && <p className="row-settings-builder"><span className="second">Its lines are composed in Description.</span><Button kind="quiet" size="small" onClick={openDescription}>Open Description</Button></p>}
      <RuleValue row={row} index={index} offers={offers} dispatch={dispatch} name={name} />
      {typeof row.write === "object" && <WhileStatus row={row} index={index} offers={offers} dispatch={dispatch} write={row.write} />}
      <div className="row-settings-acts">
        <Button kind="quiet" size="small" icon="up" refused={index === 0 ? "It is the first row." : null} onClick={() => dispatch({ type: "edit", edit: { do: "move_row", row: index, to: index - 1 } })}>Move up</Button>
        <Button kind="quiet" size="small" icon="down" refused={index === last ? "It is the last row." : null} onClick={() => dispatch({ type: "edit", edit: { do: "move_row", row: index, to: index + 1 } })}>Move down</Button>
        <Button kind="quiet" size="small" danger onClick={() => {
          dispatch({ type: "edit", edit: { do: "remove_row", row: index } });
          focusRow();
        }}>Remove row</Button>
      </div>
    </div>
  );
}

function rulesFor(row: FieldMapping, offers: Offers, builder: boolean): { value: Rule["kind"]; label: string }[] {
  const sources = fieldsOf(row, "source");
  const lists = sources.length > 0 && sources.every((id) => offers.source.values(id).length > 0);
  const kinds: Rule["kind"][] = sources.length > 1 ? ["matrix", "text"] : lists ? ["copy", "values", "matrix", "person", "constant", "text"] : ["copy", "values", "person", "constant", "text"];
  const [target = ""] = fieldsOf(row, "target");
  const into = offers.target.field(target)?.kind;
  if (builder && sources.length === 1 && (into === "text" || into === "rich")) kinds.push("description");
  if (!kinds.includes(row.rule.kind)) kinds.push(row.rule.kind);
  return kinds.map((value) => ({ value, label: RULES[value] }));
}

function ruleOf(kind: Rule["kind"], row: FieldMapping, offers: Offers): Rule {
  const [[source = ""], [target = ""]] = [fieldsOf(row, "source"), fieldsOf(row, "target")];
  switch (kind) {
    case "values": {
      const first = firstRule(offers, source, target);
      return first.kind === "values" ? first : { kind, pair: [], otherwise: "ask", otherwise_back: "ask" };
    }
    case "matrix":
      return { kind, cell: [], otherwise: "ask" };
    case "constant":
      return { kind, value: "" };
    case "text":
      return { kind, template: source === "" ? "" : `{${source}}` };
    case "description":
      return { kind, line: [], original: source };
    default:
      return { kind };
  }
}

function writeOf(kind: string, row: FieldMapping, offers: Offers): Write {
  if (kind !== "while_status") return kind === "on_create" ? "on_create" : "always";
  const sender = row.direction === "<-" ? offers.target : offers.source;
  return { while_status: sender.schema?.statuses.slice(0, 1).map((status) => status.id) ?? [] };
}

interface PartProps {
  row: FieldMapping;
  index: number;
  offers: Offers;
  dispatch: Dispatch<Action>;
}

/** The one or two lists that decide a matrix. Other fields begin without cells, as one step that can be undone. */
function MatrixFields({ ids, index, offers, dispatch, name }: PartProps & { ids: string[]; name: string }) {
  const [first = "", second = ""] = ids;
  const lists = (offers.source.schema?.fields ?? []).filter((field) => offers.source.values(field.id).length > 0).map((field) => ({ value: field.id, label: field.label }));
  const put = (fields: string[]) => dispatch({ type: "edit", edit: { do: "set_matrix", row: index, fields: fields.filter((field) => field !== "") } });
  return (
    <div className="row-settings-matrix">
      <GroupedSelect label={`First field of ${name}`} caption="Fields" value={first} groups={[{ label: "Lists", options: lists.filter((each) => each.value !== second) }]} change={(next) => put([next, second])} />
      <GroupedSelect label={`Second field of ${name}`} value={second} options={[{ value: "", label: "and no other" }]} groups={[{ label: "Lists", options: lists.filter((each) => each.value !== first) }]} change={(next) => put([first, next])} />
    </div>
  );
}

/** A fixed value, a text with placeholders, or whom to write when nobody matches. */
function RuleValue({ row, index, offers, dispatch, name }: PartProps & { name: string }) {
  const id = useId();
  const { rule } = row;
  const put = (next: Rule) => dispatch({ type: "edit", edit: { do: "set_rule", row: index, rule: next }, merge: `rule of row ${index}` });
  const to = row.direction === "<-" ? offers.source : offers.target;
  const [field = ""] = fieldsOf(row, row.direction === "<-" ? "source" : "target");
  if (rule.kind === "constant") {
    const values = to.values(field);
    if (values.length > 0) {
      return (
        <div data-rule-value="">
          <GroupedSelect
            label={`Fixed value of ${name}`} caption="Fixed value" value={rule.value} options={rule.value === "" ? [{ value: "", label: "Choose…" }] : []}
            groups={[{ label: to.label(field), options: values.map((each) => ({ value: each.id, label: each.label })) }]} change={(value) => put({ kind: "constant", value })}
          />
        </div>
      );
    }
  }
  const text = rule.kind === "constant" ? { label: "Fixed value", value: rule.value, put: (value: string) => put({ kind: "constant", value }), hint: "" }
    : rule.kind === "text" ? { label: "Text", value: rule.template, put: (template: string) => put({ kind: "text", template }), hint: "{field} stands for a value, {key} and {url} for the ticket" }
      : rule.kind === "person" ? { label: "If nobody matches", value: rule.fallback ?? "", put: (fallback: string) => put(fallback === "" ? { kind: "person" } : { kind: "person", fallback }), hint: "leave it empty" } : null;
  if (text === null) return null;
  return (
    <div className={`field ${rule.kind === "text" ? "row-settings-wide" : ""}`} data-rule-value="">
      <label htmlFor={id} className="field-label">{text.label}</label>
      <input id={id} className="text-input text-input-small" value={text.value} placeholder={text.hint} onChange={(event) => text.put(event.target.value)} />
    </div>
  );
}

function WhileStatus({ row, index, offers, dispatch, write }: PartProps & { write: { while_status: string[] } }) {
  const sender = row.direction === "<-" ? offers.target : offers.source;
  const chosen = new Set(write.while_status);
  return (
    <fieldset className="row-settings-wide row-settings-statuses">
      <legend className="field-label">Only while the status in {sender.view.label} is</legend>
      {(sender.schema?.statuses ?? []).map((status) => (
        <label key={status.id}>
          <input type="checkbox" checked={chosen.has(status.id)} onChange={(event) => {
            const next = event.target.checked ? [...write.while_status, status.id] : write.while_status.filter((each) => each !== status.id);
            dispatch({ type: "edit", edit: { do: "set_write", row: index, write: { while_status: next } } });
          }} />
          {status.label}
        </label>
      ))}
    </fieldset>
  );
}
