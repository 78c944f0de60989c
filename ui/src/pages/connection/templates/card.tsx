// One template: its place, its name, which tickets it catches, and what it sets on the new ticket.
import { useEffect, useRef, useState } from "react";
import type { FieldOption } from "../../../api/generated/FieldOption";
import type { FieldSchema } from "../../../api/generated/FieldSchema";
import type { FoundProblem } from "../../../api/generated/FoundProblem";
import type { Template } from "../../../api/generated/Template";
import { Icon } from "../../../components/icons";
import { Button, Select } from "../../../components/kit";
import { TextField } from "../../../components/text-field";
import { Conditions } from "../editing/conditions";
import { filterText } from "../editing/filter";
import { Problems, worst } from "../editing/problems";
import type { Reorder } from "../editing/reorder";
import { fieldOf, labelOf } from "../editing/sides";
import { Container } from "./container";
import { nameTrouble, type TemplateEdit } from "./edits";

export interface Offered {
  fields: FieldSchema[];
  values: (field: string) => FieldOption[];
}

interface CardProps {
  template: Template;
  at: number;
  place: number;
  count: number;
  others: string[];
  from: Offered;
  to: Offered;
  /** What holds tickets on the receiving side, and which one is used without another: "project", "project CSD". */
  container: { word: string; usual: string; account: string; platform: string };
  open: boolean;
  toggle: () => void;
  naming: boolean;
  name: (naming: boolean) => void;
  problems: FoundProblem[];
  verdict: React.ReactNode;
  reorder: Reorder;
  edit: (edit: TemplateEdit, burst?: string) => void;
}

export function Card(props: CardProps) {
  const { template, at, place, count, from, open, toggle, naming, name, problems, verdict, reorder, edit } = props;
  const held = reorder.held?.from === at;
  const level = worst(problems);
  const marks = [held ? "template-held" : "", level === null ? "" : `template-${level}`, reorder.line === at ? "template-before" : "", reorder.line === count && at === count - 1 ? "template-after" : ""];
  return (
    <li className={["card template", ...marks].filter(Boolean).join(" ")} aria-label={`Template ${place + 1}: ${template.name}`} {...reorder.row(at)}>
      <header className="template-head">
        <button type="button" className="grip" aria-label={`Move ${template.name}, template ${place + 1} of ${count}`} title="Drag to move, or Space and the arrow keys" {...reorder.grip(at)}><Icon name="grip" /></button>
        <span className="template-number" aria-hidden="true">{place + 1}</span>
        {naming
          ? <Naming value={template.name} others={props.others} end={(next) => { name(false); if (next !== null) edit({ do: "rename", at, name: next }); }} />
          : <h3 className="cut" title={template.name}>{template.name}</h3>}
        <span className="template-acts">
          {verdict}
          <Button size="small" data-part="edit" aria-expanded={open} aria-label={`Edit ${template.name}`} onClick={toggle}>{open ? "Done" : "Edit"}</Button>
          <Button kind="quiet" size="small" className="button-icon" aria-label={`Rename ${template.name}`} title="Rename (F2)" onClick={() => name(true)}><Icon name="pencil" small /></Button>
          <Button kind="quiet" size="small" className="button-icon" aria-label={`Duplicate ${template.name}`} title="Duplicate" onClick={() => edit({ do: "double", at })}><Icon name="copy" small /></Button>
          <Button kind="quiet" size="small" className="button-icon" aria-label={`Remove ${template.name}`} title="Remove (Delete)" data-part="remove" onClick={() => reorder.remove(at, "remove")}><Icon name="close" small /></Button>
        </span>
      </header>
      <div className="template-body">
        {open ? (
          <>
            <h4>Catches a ticket when</h4>
            <Conditions
              label={`Conditions of ${template.name}`} filter={template.when} fields={from.fields} values={from.values} none="Every ticket that comes this far is caught."
              change={(when, burst) => edit({ do: "when", at, when }, burst)}
            />
            <Values {...props} />
            <h4>Creates it in</h4>
            <Container of={template.name} {...props.container} value={template.container ?? ""} change={(container) => edit({ do: "container", at, container })} />
          </>
        ) : <Summary {...props} />}
        <Problems problems={problems} />
      </div>
    </li>
  );
}

function Summary({ template, from, to, container }: CardProps) {
  const sets = Object.entries(template.set ?? {});
  const told = filterText(template.when, { label: (field) => labelOf(from.fields, field), values: from.values });
  return (
    <dl className="template-facts">
      <div><dt>When</dt><dd>{told ?? <span className="second">every ticket that comes this far</span>}</dd></div>
      <div><dt>In</dt><dd>{template.container === undefined ? <span className="second">{container.usual}</span> : `${container.word} ${template.container}`}</dd></div>
      {sets.length > 0 && (
        <div><dt>Sets</dt><dd>{sets.map(([field, value], at) => <span key={field}>{at > 0 && ", "}<span className="second">{labelOf(to.fields, field)}</span> {labelled(to.values(field), value)}</span>)}</dd></div>
      )}
    </dl>
  );
}

function labelled(options: FieldOption[], value: string): string {
  return options.find((option) => option.id === value)?.label ?? (value === "" ? "empty" : value);
}

function Naming({ value, others, end }: { value: string; others: string[]; end: (name: string | null) => void }) {
  const [typed, setTyped] = useState(value);
  const box = useRef<HTMLSpanElement>(null);
  const wrong = nameTrouble(typed, others);
  useEffect(() => box.current?.querySelector("input")?.select(), []);
  const done = () => end(wrong === null && typed.trim() !== value ? typed.trim() : null);
  return (
    <span
      ref={box} className="template-naming" onBlur={done}
      onKeyDown={(event) => {
        if (event.key === "Enter") done();
        if (event.key === "Escape") end(null);
      }}
    >
      <TextField small labelHidden label={`Name of ${value}`} value={typed} problem={wrong} change={setTyped} />
    </span>
  );
}

/** Values that the new ticket begins with; they win over the mapping. */
function Values({ template, at, to, edit }: CardProps) {
  const set = Object.entries(template.set ?? {});
  const free = to.fields.filter((field) => field.on_create && field.read_only === null && !(field.id in (template.set ?? {})));
  const [first] = free;
  return (
    <>
      <h4>Sets on create</h4>
      {set.length > 0 && (
        <ul className="template-values">
          {set.map(([field, value]) => {
            const label = labelOf(to.fields, field);
            const known = fieldOf(to.fields, field);
            const options = to.values(field);
            const offered = options.some((option) => option.id === value) ? options : [{ id: value, label: value === "" ? "Choose a value" : `${value} (not offered)` }, ...options];
            return (
              <li key={field} className="template-value">
                <Select
                  small labelHidden label={`Field instead of ${label}`} value={field} options={[...(known === null ? [{ value: field, label: `${field} (not read)` }] : [{ value: field, label }]), ...free.map((each) => ({ value: each.id, label: each.label }))]}
                  change={(next) => edit({ do: "refield", at, field, to: next })}
                />
                {options.length > 0
                  ? <Select small labelHidden label={`Value of ${label}`} value={value} options={offered.map((option) => ({ value: option.id, label: option.label }))} change={(next) => edit({ do: "set", at, field, value: next })} />
                  : <TextField small labelHidden label={`Value of ${label}`} value={value} problem={value === "" ? "A value is needed." : null} change={(next) => edit({ do: "set", at, field, value: next }, `set ${at} ${field}`)} />}
                <Button kind="quiet" size="small" className="button-icon" aria-label={`Do not set ${label}`} onClick={() => edit({ do: "set", at, field, value: null })}><Icon name="close" small /></Button>
              </li>
            );
          })}
        </ul>
      )}
      <p className="template-more">
        {set.length === 0 && <span className="second">Nothing beyond the mapping.</span>}
        <Button kind="quiet" size="small" icon="plus" refused={first === undefined ? "Every field is set." : null} onClick={() => first !== undefined && edit({ do: "set", at, field: first.id, value: "" })}>Set a value</Button>
      </p>
    </>
  );
}
