// The condition editor of filters and templates: rows of field, operator, value, joined by All or Any, one level deep.
import type { Condition } from "../../../api/generated/Condition";
import type { FieldOption } from "../../../api/generated/FieldOption";
import type { FieldSchema } from "../../../api/generated/FieldSchema";
import type { Filter } from "../../../api/generated/Filter";
import { Icon } from "../../../components/icons";
import { Button, Select } from "../../../components/kit";
import { PickMenu } from "../../../components/pick-menu";
import { TextField } from "../../../components/text-field";
import { Segments } from "./bar";
import { conditionsOf, type Group, joinedBy, needsValue, OPERATORS, operatorsOf, withConditions, withField, withOperator } from "./filter";
import { fieldOf } from "./sides";
import "./conditions.css";

interface ConditionsProps {
  /** What the conditions are of: "Conditions of Escalation". */
  label: string;
  filter: Filter | undefined;
  fields: FieldSchema[];
  values: (field: string) => FieldOption[];
  change: (filter: Filter, burst?: string) => void;
  /** What no condition means: "Every ticket is caught." */
  none: string;
}

export function Conditions({ label, filter, fields, values, change, none }: ConditionsProps) {
  const [all, any] = [conditionsOf(filter, "all"), conditionsOf(filter, "any")];
  const both = all.length > 0 && any.length > 0;
  const group: Group = any.length > 0 && all.length === 0 ? "any" : "all";
  const set = (into: Group, conditions: Condition[], burst?: string) => change(withConditions(filter, into, conditions), burst);
  const add = (into: Group) => {
    const first = fields[0];
    if (first !== undefined) set(into, [...conditionsOf(filter, into), { field: first.id, operator: "is", values: [] }]);
  };
  const rows = (of: Group) => conditionsOf(filter, of).map((condition, at, list) => (
    <Row
      key={at} name={`${of === "any" && both ? "alternative" : "condition"} ${at + 1}`} condition={condition} fields={fields} options={values(condition.field)}
      change={(next, typing) => set(of, list.with(at, next), typing ? `${label} ${of} ${at}` : undefined)} remove={() => set(of, list.toSpliced(at, 1))}
    />
  ));
  if (all.length + any.length === 0) {
    return (
      <div className="conditions" role="group" aria-label={label}>
        <p className="conditions-none"><span className="second">{none}</span><Button kind="quiet" size="small" icon="plus" refused={fields.length === 0 ? "The fields are not read yet." : null} onClick={() => add("all")}>Add condition</Button></p>
      </div>
    );
  }
  return (
    <div className="conditions" role="group" aria-label={label}>
      {both ? <p className="second">All of these hold:</p> : (
        <p className="conditions-join">
          <Segments label="Join conditions by" small value={group} choose={(next) => change(joinedBy(filter, next))} options={[{ value: "all", label: "All" }, { value: "any", label: "Any" }]} />
          <span className="second">{group === "all" ? "of these hold" : "of these holds"}</span>
        </p>
      )}
      <ul>{rows(both ? "all" : group)}</ul>
      {both && <><p className="second">and at least one of these:</p><ul>{rows("any")}</ul></>}
      <div className="conditions-more">
        <Button kind="quiet" size="small" icon="plus" onClick={() => add(both ? "all" : group)}>Add condition</Button>
        {group === "all" && <Button kind="quiet" size="small" icon="plus" onClick={() => add("any")}>{both ? "Add alternative" : "Add group of alternatives"}</Button>}
      </div>
    </div>
  );
}

interface RowProps {
  name: string;
  condition: Condition;
  fields: FieldSchema[];
  options: FieldOption[];
  change: (condition: Condition, typing: boolean) => void;
  remove: () => void;
}

function Row({ name, condition, fields, options, change, remove }: RowProps) {
  const field = fieldOf(fields, condition.field);
  const offered = fields.map((each) => ({ value: each.id, label: each.label }));
  const known = field === null ? [{ value: condition.field, label: `${condition.field} (not read)` }, ...offered] : offered;
  const pick = (id: string) => {
    const next = fieldOf(fields, id);
    if (next !== null) change(withField(condition, next), false);
  };
  return (
    <li className="condition">
      <Select small labelHidden label={`Field of ${name}`} value={condition.field} options={known} change={pick} />
      <Select
        small labelHidden label={`Operator of ${name}`} value={condition.operator} change={(operator) => change(withOperator(condition, operator), false)}
        options={[...new Set([...operatorsOf(field), condition.operator])].map((operator) => ({ value: operator, label: OPERATORS[operator] }))}
      />
      {needsValue(condition.operator)
        ? <Values name={name} values={condition.values ?? []} options={options} change={(next, typing) => change({ ...condition, values: next }, typing)} />
        : <span />}
      <Button kind="quiet" size="small" className="button-icon" aria-label={`Remove ${name}`} onClick={remove}><Icon name="close" small /></Button>
    </li>
  );
}

interface ValuesProps {
  name: string;
  values: string[];
  options: FieldOption[];
  change: (values: string[], typing: boolean) => void;
}

/** Values of a list are chosen, several as alternatives; others are typed, and a value that is not offered any more stays as typed. */
function Values({ name, values, options, change }: ValuesProps) {
  if (options.length === 0) {
    return (
      <TextField
        small labelHidden label={`Value of ${name}`} value={values.join(" or ")} placeholder="value, or one or another"
        problem={values.length === 0 ? "A value is needed." : null} change={(text) => change(text === "" ? [] : text.split(/ or /), true)}
      />
    );
  }
  const labelled = (value: string) => options.find((option) => option.id === value)?.label ?? `${value} (not offered)`;
  const rest = options.filter((option) => !values.includes(option.id));
  return (
    <div className="condition-values">
      {values.map((value) => (
        <span key={value} className="value-chip">
          {labelled(value)}
          <button type="button" aria-label={`Remove ${labelled(value)} from ${name}`} onClick={() => change(values.filter((each) => each !== value), false)}><Icon name="close" small /></button>
        </span>
      ))}
      {rest.length > 0 && (
        <PickMenu
          label={values.length === 0 ? `Value of ${name}` : `Another value of ${name}`} field={values.length === 0} kind={values.length === 0 ? "plain" : "quiet"} invalid={values.length === 0}
          options={rest.map((option) => ({ value: option.id, label: option.label }))} choose={(value) => change([...values, value], false)}
        >
          <span className="cut">{values.length === 0 ? "Choose a value" : "or …"}</span>
        </PickMenu>
      )}
    </div>
  );
}
