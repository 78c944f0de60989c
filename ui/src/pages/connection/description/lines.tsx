// The lines of the description, in order, with what is always there below them.
import { useRef, useState } from "react";
import type { DescriptionLayout } from "../../../api/generated/DescriptionLayout";
import type { DescriptionLine } from "../../../api/generated/DescriptionLine";
import type { FieldSchema } from "../../../api/generated/FieldSchema";
import type { WhenEmpty } from "../../../api/generated/WhenEmpty";
import { Icon } from "../../../components/icons";
import { Button, Select } from "../../../components/kit";
import { PickMenu } from "../../../components/pick-menu";
import { TextField } from "../../../components/text-field";
import { type Reorder, useReorder } from "../editing/reorder";
import { labelOf } from "../editing/sides";
import type { LayoutEdit } from "./layout";

interface LinesProps {
  platform: string;
  layout: DescriptionLayout;
  fields: FieldSchema[];
  edit: (edit: LayoutEdit, burst?: string) => void;
  /** The line that is worked on, for the preview to light. */
  lit: number | null;
  light: (line: number) => void;
}

export function Lines({ platform, layout, fields, edit, lit, light }: LinesProps) {
  const { line: lines } = layout;
  const list = useRef<HTMLOListElement>(null);
  const more = useRef<HTMLDivElement>(null);
  const nameOf = (at: number) => {
    const label = lines[at]?.label ?? "";
    return label === "" ? `line ${at + 1}` : label;
  };
  const reorder = useReorder({
    list, count: lines.length, name: nameOf, what: "line",
    move: (from, to) => {
      edit({ do: "move", from, to });
      light(to);
    },
    remove: (at) => edit({ do: "remove", at }), whenEmpty: () => more.current?.querySelector<HTMLElement>("button, select")?.focus(),
    rename: (at) => list.current?.querySelector<HTMLElement>(`[data-row="${at}"] [data-part="label"] input`)?.focus(),
  });
  return (
    <div className="card lines">
      <div className="lines-head" aria-hidden="true"><span /><span /><span>Label</span><span>{platform} field</span><span>When empty</span><span /></div>
      {lines.length === 0 && <p className="lines-none second">No line yet: the description is the original alone. Add a field with + on the left, or a line below.</p>}
      <ol ref={list} aria-label="Lines, in order" className="lines-list">
        {reorder.order.map((at, place) => {
          const line = lines[at];
          if (line === undefined) return null;
          return (
            <Line
              key={at} line={line} at={at} place={place} count={lines.length} fields={fields} reorder={reorder} lit={lit === at} light={light} edit={edit} name={nameOf(at)}
            />
          );
        })}
      </ol>
      <p className="hidden-text" role="status">{reorder.said}</p>
      <div className="lines-more" ref={more}>
        <PickMenu
          label="Add line" icon="plus" kind="quiet" options={fields.filter((field) => !lines.some((line) => line.field === field.id)).map((field) => ({ value: field.id, label: field.label }))}
          choose={(id) => edit({ do: "add", line: { label: labelOf(fields, id), field: id } })}
        />
        <Button kind="quiet" size="small" icon="text" onClick={() => edit({ do: "add", line: { label: "New text" } })}>Add fixed text</Button>
      </div>
      <p className="built-line-locked"><Icon name="lock" small /><span>Separator</span><span className="built-line-rule" /></p>
      <p className="built-line-locked"><Icon name="lock" small /><span>Original description</span><span className="quiet">always last, never replaced</span></p>
    </div>
  );
}

interface LineProps {
  line: DescriptionLine;
  at: number;
  place: number;
  count: number;
  fields: FieldSchema[];
  reorder: Reorder;
  lit: boolean;
  light: (line: number) => void;
  edit: LinesProps["edit"];
  name: string;
}

function Line({ line, at, place, count, fields, reorder, lit, light, edit, name }: LineProps) {
  const fixed = line.field === undefined;
  const known = fields.some((field) => field.id === line.field);
  const choices = fields.map((field) => ({ value: field.id, label: field.label }));
  const held = reorder.held?.from === at;
  const marks = [lit ? "built-line-lit" : "", held ? "built-line-held" : "", reorder.line === at ? "built-line-before" : "", reorder.line === count && at === count - 1 ? "built-line-after" : ""];
  return (
    <li className={["built-line", fixed ? "built-line-fixed" : "", ...marks].filter(Boolean).join(" ")} aria-label={`Line ${place + 1}: ${name}`} onFocus={() => light(at)} {...reorder.row(at)}>
      <button type="button" className="grip" aria-label={`Move ${name}, line ${place + 1} of ${count}`} title="Drag to move, or Space and the arrow keys" {...reorder.grip(at)}><Icon name="grip" /></button>
      <span className="built-line-number" aria-hidden="true">{place + 1}</span>
      <span className="built-line-label" data-part="label" tabIndex={-1}>
        <TextField
          small labelHidden label={fixed ? `Text of line ${place + 1}` : `Label of line ${place + 1}`} value={line.label}
          problem={line.label.trim() === "" ? (fixed ? "A text is needed." : "A label is needed.") : null} change={(label) => edit({ do: "label", at, label }, `label ${at}`)}
        />
      </span>
      {line.field !== undefined && (
        <>
          <span className="built-line-field">
            <Select
              small labelHidden label={`Field of line ${place + 1}`} value={line.field} options={known ? choices : [{ value: line.field, label: `${line.field} (not read)` }, ...choices]}
              change={(field) => edit({ do: "field", at, field, label: line.label === labelOf(fields, line.field ?? "") ? labelOf(fields, field) : line.label })}
            />
          </span>
          <Empty empty={line.when_empty ?? "leave_out"} place={place} change={(empty, typing) => edit({ do: "empty", at, empty }, typing ? `empty ${at}` : undefined)} />
        </>
      )}
      <span className="built-line-acts">
        <button type="button" className="built-line-act built-line-step" aria-label={`Move ${name} up`} disabled={at === 0} onClick={() => reorder.step(at, -1)} data-part="up"><Icon name="up" small /></button>
        <button type="button" className="built-line-act built-line-step" aria-label={`Move ${name} down`} disabled={at === count - 1} onClick={() => reorder.step(at, 1)} data-part="down"><Icon name="down" small /></button>
        <button type="button" className="built-line-act" aria-label={`Remove ${name}`} data-part="remove" onClick={() => reorder.remove(at, "remove")}><Icon name="close" small /></button>
      </span>
    </li>
  );
}

const NONE = "none";
type EmptyChoice = "leave_out" | "none" | "text";

function Empty({ empty, place, change }: { empty: WhenEmpty; place: number; change: (empty: WhenEmpty, typing: boolean) => void }) {
  // A person who types their own text may pass the word none on the way.
  const [own, setOwn] = useState(false);
  const choice: EmptyChoice = empty === "leave_out" ? "leave_out" : empty.show === NONE && !own ? "none" : "text";
  const choose = (next: EmptyChoice) => {
    setOwn(next === "text");
    change(next === "leave_out" ? "leave_out" : { show: next === "none" ? NONE : "" }, false);
  };
  return (
    <span className="built-line-empty">
      <Select
        small labelHidden label={`When empty, line ${place + 1}`} value={choice} change={choose}
        options={[{ value: "leave_out", label: "Leave out" }, { value: "none", label: 'Show "none"' }, { value: "text", label: "Show text…" }]}
      />
      {choice === "text" && empty !== "leave_out" && <TextField small labelHidden label={`Text when line ${place + 1} is empty`} value={empty.show} placeholder="text to show" change={(show) => change({ show }, true)} />}
    </span>
  );
}
