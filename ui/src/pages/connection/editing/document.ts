// A connection's document in an editor, for React: opened, kept as a draft, checked, saved, undone.
import { useEffect, useMemo, useSyncExternalStore } from "react";
import type { ApiError } from "../../../api/generated/ApiError";
import type { ConnectionDoc } from "../../../api/generated/ConnectionDoc";
import type { EditorPicture } from "../../../api/generated/EditorPicture";
import type { FoundProblem } from "../../../api/generated/FoundProblem";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { useKeys } from "../../../lib/keys";
import { typesOf } from "./rows";
import { type Editing, errorsIn, type Session, unsaved } from "./session";
import { useSession } from "./sessions";

/** What the checker says, and whether it says it about the document as it is now. */
export interface Check {
  problems: FoundProblem[];
  errors: number;
  /** Types that could not be checked. */
  unchecked: string[];
  checkedMs: number | null;
  fresh: boolean;
  error: ApiError | null;
  again: () => void;
}

/** What an editor works with once the document is there. */
export interface OpenDocument {
  connection: number;
  session: Session;
  picture: EditorPicture;
  document: ConnectionDoc;
  types: TypeMapping[];
  /** The ticket type that is shown; null where the connection has none. */
  mapping: TypeMapping | null;
  at: number;
  show: (at: number) => void;
  /** Edits of one burst become one step of undo. */
  edit: (change: (document: ConnectionDoc) => ConnectionDoc, burst?: string) => void;
  editType: (change: (mapping: TypeMapping) => TypeMapping, burst?: string) => void;
  settle: () => void;
  undo: () => void;
  redo: () => void;
  discard: () => void;
  save: () => void;
  canUndo: boolean;
  canRedo: boolean;
  unsaved: number;
  check: Check;
  problems: FoundProblem[];
  errors: number;
  editing: Editing;
}

export interface Opening {
  open: OpenDocument | null;
  error: ApiError | null;
  retry: () => void;
}

const NO_PROBLEMS: FoundProblem[] = [];
const ALL_CHECKED: string[] = [];

export function useDocument(connection: number): Opening {
  const session = useSession(connection);
  const editing = useSyncExternalStore(session.subscribe, session.read);
  useEffect(() => {
    void session.open();
    return session.settle;
  }, [session]);
  const save = () => void session.save();
  useKeys([
    [{ key: "z", ctrl: true }, session.undo],
    [{ key: "z", ctrl: true, shift: true }, session.redo],
    [{ key: "s", ctrl: true }, save],
    [{ key: "Enter", ctrl: true }, save],
  ]);

  const { picture, history, checked, checkedOf, checking } = editing;
  const document = history?.now ?? null;
  const check = useMemo((): Check => ({
    problems: checked?.problems ?? NO_PROBLEMS, errors: errorsIn(checked),
    unchecked: checked?.unchecked ?? ALL_CHECKED, checkedMs: checked?.checked_ms ?? null, fresh: checkedOf !== null && checkedOf === document, error: checking,
    again: () => void session.check(),
  }), [checked, checkedOf, checking, document, session]);
  const many = useMemo(() => unsaved({ picture, history }), [picture, history]);
  const open = useMemo((): OpenDocument | null => {
    if (picture === null || history === null || document === null) return null;
    const types = typesOf(document);
    const at = editing.at in types ? editing.at : 0;
    return {
      connection, session, picture, document, types, mapping: types[at] ?? null, at, show: session.show,
      edit: session.edit,
      editType: (change, burst) => session.edit((before) => {
        const list = typesOf(before);
        const mapping = list[at];
        return mapping === undefined ? before : { ...before, type: list.with(at, change(mapping)) };
      }, burst ?? null),
      settle: session.settle, undo: session.undo, redo: session.redo, discard: () => void session.discard(), save: () => void session.save(),
      canUndo: history.past.length > 0, canRedo: history.future.length > 0, unsaved: many, check, problems: check.problems, errors: check.errors, editing,
    };
  }, [editing, picture, history, document, session, connection, check, many]);
  return { open, error: editing.opening, retry: () => void session.open() };
}
