// The bar of an editor: ticket type, what is not saved yet, undo, Discard, Save; and below it what went wrong, input kept.
import type { ReactNode } from "react";
import type { ApiError } from "../../../api/generated/ApiError";
import { Icon } from "../../../components/icons";
import { Button } from "../../../components/kit";
import { sentence } from "../../../components/shapes";
import { plural } from "../../../lib/format";
import type { OpenDocument } from "./document";
import "./editing.css";

interface BarProps {
  open: OpenDocument;
  /** What is saved: "Save description". */
  save: string;
  context?: ReactNode;
  /** What opens the drawer of a narrow window. */
  before?: ReactNode;
  /** The whole connection is edited, not one ticket type. */
  whole?: boolean;
}

export function EditorBar({ open, save, context, before, whole = false }: BarProps) {
  const { unsaved, errors, editing } = open;
  const first = open.problems.find((problem) => problem.level === "error");
  return (
    <>
      <div className="editor-bar">
        {before}
        {!whole && open.types.length > 0 && <TypeSwitch open={open} />}
        {context && <span className="editor-context whole">{context}</span>}
        <span className="editor-unsaved cut" role="status">{told(unsaved, errors)}</span>
        <Button kind="quiet" className="button-icon" aria-label="Undo" title="Undo (Ctrl Z)" refused={open.canUndo ? null : "Nothing to undo."} onClick={open.undo}><Icon name="undo" /></Button>
        <Button kind="quiet" className="button-icon" aria-label="Redo" title="Redo (Ctrl Shift Z)" refused={open.canRedo ? null : "Nothing to redo."} onClick={open.redo}><Icon name="redo" /></Button>
        <Button refused={unsaved === 0 ? "Nothing is changed." : null} onClick={open.discard}>Discard</Button>
        <Button kind="primary" title="Ctrl S" busy={editing.busy} refused={unsaved === 0 ? "Nothing is changed." : null} onClick={() => void open.save()}>{errors > 0 ? "Save draft" : save}</Button>
      </div>
      {errors > 0 && unsaved > 0 && (
        <Strip tone="bad" title={`${plural(errors, "error")} in this connection.`}>
          Automatic sync keeps using the saved version until {errors === 1 ? "the error is" : "the errors are"} fixed.{first !== undefined && ` ${first.place_label}: ${first.message}`}
        </Strip>
      )}
      <Trouble what="Not saved." error={editing.saving} />
      <Trouble what="The draft is not kept yet." error={editing.keeping} />
      <Trouble what="Not checked." error={editing.checking} tone="warn" />
    </>
  );
}

function told(unsaved: number, errors: number): string {
  if (unsaved === 0) return "No unsaved changes";
  const many = plural(unsaved, "unsaved change");
  return errors > 0 ? `${many}. Fix ${plural(errors, "error")} to put ${unsaved === 1 ? "it" : "them"} to use.` : `${many}. ${unsaved === 1 ? "It applies" : "They apply"} from the next sync.`;
}

function TypeSwitch({ open }: { open: OpenDocument }) {
  return (
    <Segments
      label="Ticket type" value={String(open.at)} choose={(at) => open.show(Number(at))}
      options={open.types.map((type, at) => ({ value: String(at), label: type.name }))}
    />
  );
}

interface SegmentsProps<Value extends string> {
  label: string;
  value: Value;
  options: { value: Value; label: string }[];
  choose: (value: Value) => void;
  small?: boolean;
}

/** A few choices side by side, one of them pressed. */
export function Segments<Value extends string>({ label, value, options, choose, small = false }: SegmentsProps<Value>) {
  return (
    <span className={small ? "edit-segments edit-segments-small" : "edit-segments"} role="group" aria-label={label}>
      {options.map((option) => (
        <button key={option.value} type="button" aria-pressed={option.value === value} onClick={() => choose(option.value)}>{option.label}</button>
      ))}
    </span>
  );
}

function Trouble({ what, error, tone = "bad" }: { what: string; error: ApiError | null; tone?: "bad" | "warn" }) {
  if (error === null) return null;
  return <Strip tone={tone} title={what} urgent>{sentence(error.message)} {error.hint !== null && sentence(error.hint)}</Strip>;
}

interface StripProps {
  tone: "bad" | "warn" | "accent";
  title: string;
  children: ReactNode;
  urgent?: boolean;
}

export function Strip({ tone, title, children, urgent = false }: StripProps) {
  return (
    <div className={`strip strip-${tone}`} role={urgent ? "alert" : undefined}>
      <Icon name={tone === "accent" ? "info" : tone === "warn" ? "warning" : "error"} />
      <p><strong>{title}</strong> {children}</p>
    </div>
  );
}
