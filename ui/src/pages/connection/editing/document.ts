// A connection's document in an editor, for React: opened, kept as a draft, checked, saved, undone.
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { ApiError } from "../../../api/generated/ApiError";
import type { ConnectionDoc } from "../../../api/generated/ConnectionDoc";
import type { EditorPicture } from "../../../api/generated/EditorPicture";
import type { FoundProblem } from "../../../api/generated/FoundProblem";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { useTransport } from "../../../api/transport";
import { useKeys } from "../../../lib/keys";
import { type Editing, Session, unsaved } from "./session";

/** What an editor works with once the document is there. */
export interface OpenDocument {
  connection: number;
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
  save: () => Promise<boolean>;
  canUndo: boolean;
  canRedo: boolean;
  unsaved: number;
  problems: FoundProblem[];
  errors: number;
  editing: Editing;
}

export interface Opening {
  open: OpenDocument | null;
  error: ApiError | null;
  retry: () => void;
}

export function useDocument(connection: number): Opening {
  const transport = useTransport();
  const session = useMemo(() => new Session(transport, connection), [transport, connection]);
  const editing = useSyncExternalStore(session.subscribe, session.read);
  const [chosen, show] = useState(0);
  useEffect(() => {
    void session.open();
    return session.close;
  }, [session]);
  const save = () => {
    if (unsaved(session.read()) > 0) void session.save();
  };
  useKeys([
    [{ key: "z", ctrl: true }, session.undo],
    [{ key: "z", ctrl: true, shift: true }, session.redo],
    [{ key: "s", ctrl: true }, save],
    [{ key: "Enter", ctrl: true }, save],
  ]);

  const open = useMemo((): OpenDocument | null => {
    const { picture, history, checked } = editing;
    if (picture === null || history === null) return null;
    const types = history.now.type ?? [];
    const at = chosen in types ? chosen : 0;
    const problems = checked?.problems ?? [];
    return {
      connection, picture, document: history.now, types, mapping: types[at] ?? null, at, show,
      edit: session.edit,
      editType: (change, burst) => session.edit((document) => {
        const list = document.type ?? [];
        const mapping = list[at];
        return mapping === undefined ? document : { ...document, type: list.with(at, change(mapping)) };
      }, burst ?? null),
      settle: session.settle, undo: session.undo, redo: session.redo, discard: session.discard, save: session.save,
      canUndo: history.past.length > 0, canRedo: history.future.length > 0, unsaved: unsaved(editing),
      problems, errors: problems.filter((problem) => problem.level === "error").length, editing,
    };
  }, [editing, chosen, session, connection]);
  return { open, error: editing.opening, retry: () => void session.open() };
}
