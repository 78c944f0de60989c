// The bar of an editor: ticket type, versions, what is not saved yet, undo, Discard, Save; and below it what went wrong, input kept.
import { type ReactNode, useState } from "react";
import type { ApiError } from "../../../api/generated/ApiError";
import { useTransport } from "../../../api/transport";
import { Icon } from "../../../components/icons";
import { Button } from "../../../components/kit";
import { sentence } from "../../../components/shapes";
import { moment, plural } from "../../../lib/format";
import type { OpenDocument } from "./document";
import { lacking } from "./lacking";
import { tabOf } from "./problems";
import { seek } from "./seeking";
import { Versions } from "./versions";
import "./editing.css";

interface BarProps {
  open: OpenDocument;
  /** What is saved: "Save description". */
  save: string;
  context?: ReactNode;
  /** What opens the drawer of a narrow window. */
  before?: ReactNode;
  /** What else can be done with the ticket type. */
  more?: ReactNode;
  /** The screen lists the problems itself. */
  listed?: boolean;
  /** The whole connection is edited, not one ticket type. */
  whole?: boolean;
}

export function EditorBar({ open, save, context, before, more, listed = false, whole = false }: BarProps) {
  const { unsaved, errors, editing, picture, mapping } = open;
  const now = useTransport().now();
  const [versions, showVersions] = useState(false);
  const nothing = unsaved === 0 ? "Nothing is changed." : null;
  const stop = nothing ?? editing.held ?? lacking(open.document);
  return (
    <>
      <div className="editor-bar">
        {before}
        {!whole && open.types.length > 0 && <TypeSwitch open={open} />}
        {context && <span className="editor-context whole">{context}</span>}
        <Button kind="quiet" size="small" onClick={() => showVersions(true)}>Versions…</Button>
        {more}
        <span className="editor-unsaved cut" role="status">{unsaved === 0 ? `In use since ${moment(picture.saved_ms, now)}.` : unsavedText(unsaved, errors)}</span>
        <span className="hidden-text" role="status">{editing.told}</span>
        <Button kind="quiet" className="button-icon" aria-label="Undo" title="Undo (Ctrl Z)" refused={open.canUndo ? null : "Nothing to undo."} onClick={open.undo}><Icon name="undo" /></Button>
        <Button kind="quiet" className="button-icon" aria-label="Redo" title="Redo (Ctrl Shift Z)" refused={open.canRedo ? null : "Nothing to redo."} onClick={open.redo}><Icon name="redo" /></Button>
        <Button refused={nothing} onClick={open.discard}>Discard</Button>
        <Button kind="primary" title="Ctrl S" busy={editing.busy} refused={stop} onClick={open.save}>{errors > 0 ? "Save draft" : save}</Button>
      </div>
      {!listed && <Errors open={open} />}
      <Troubles open={open} listed={listed} showVersions={() => showVersions(true)} />
      {versions && mapping !== null && <Versions open={open} mapping={mapping} close={() => showVersions(false)} />}
    </>
  );
}

function unsavedText(unsaved: number, errors: number): string {
  const many = plural(unsaved, "unsaved change");
  return errors > 0 ? `${many}. Fix ${plural(errors, "error")} to put ${unsaved === 1 ? "it" : "them"} to use.` : `${many}. ${unsaved === 1 ? "It applies" : "They apply"} from the next sync.`;
}

function Errors({ open }: { open: OpenDocument }) {
  const { errors } = open;
  const first = open.problems.find((problem) => problem.level === "error");
  if (errors === 0 || open.unsaved === 0) return null;
  return (
    <Strip tone="bad" title={`${plural(errors, "error")} in this connection.`} action={first !== undefined && <Button size="small" onClick={() => seek(open, tabOf(first), first)}>Show</Button>}>
      Automatic sync keeps using the saved version until {errors === 1 ? "the error is" : "the errors are"} fixed.{first !== undefined && ` ${first.place_label}: ${first.message}`}
    </Strip>
  );
}

/** What could not be saved, kept or checked, each with a way on. */
function Troubles({ open, listed, showVersions }: { open: OpenDocument; listed: boolean; showVersions: () => void }) {
  const { session, editing: { saving, keeping, checking, busy } } = open;
  return (
    <>
      <Trouble what="Not saved." error={saving}>
        {saving?.code === "changed_meanwhile"
          ? <><Button size="small" busy={busy} onClick={() => void session.saveAnyway()}>Save mine anyway</Button><Button size="small" onClick={showVersions}>Versions…</Button></>
          : <Button size="small" busy={busy} onClick={open.save}>Try again</Button>}
      </Trouble>
      <Trouble what="The draft is not kept yet." error={keeping}><Button size="small" onClick={() => void session.keep()}>Try again</Button></Trouble>
      {!listed && <Trouble what="Not checked." error={checking} tone="warn"><Button size="small" onClick={open.check.again}>Check again</Button></Trouble>}
    </>
  );
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

function Trouble({ what, error, tone = "bad", children }: { what: string; error: ApiError | null; tone?: "bad" | "warn"; children: ReactNode }) {
  if (error === null) return null;
  return <Strip tone={tone} title={what} urgent action={children}>{sentence(error.message)} {error.hint !== null && sentence(error.hint)}</Strip>;
}

interface StripProps {
  tone: "bad" | "warn" | "accent" | "ask";
  title: string;
  children: ReactNode;
  action?: ReactNode;
  urgent?: boolean;
}

export function Strip({ tone, title, children, action, urgent = false }: StripProps) {
  return (
    <div className={`strip strip-${tone}`} role={urgent ? "alert" : undefined}>
      <Icon name={tone === "accent" ? "info" : tone === "ask" ? "fork" : tone === "warn" ? "warning" : "error"} />
      <p><strong>{title}</strong> {children}</p>
      {action}
    </div>
  );
}
