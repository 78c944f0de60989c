// Keeps what is edited: a draft 800 ms after the last edit, and at once when the editor closes. Calls follow each other, so
// that an older draft never replaces a newer one; what could not be kept stays in the editor.
import { useCallback, useEffect, useRef, useState } from "react";
import type { ApiError } from "../../../api/generated/ApiError";
import type { ConnectionDoc } from "../../../api/generated/ConnectionDoc";
import type { EditorPicture } from "../../../api/generated/EditorPicture";
import type { Saved } from "../../../api/generated/Saved";
import { asApiError, type Transport, useTransport } from "../../../api/transport";
import { same } from "./document";

const QUIET_MS = 800;

export interface Draft {
  picture: EditorPicture;
  /** What is edited is kept, as a draft or in use. */
  kept: boolean;
  busy: boolean;
  error: ApiError | null;
  /** Keeps the draft now. */
  keep: () => Promise<boolean>;
  /** Puts the document into use. */
  save: () => Promise<Saved | null>;
  /** Forgets the draft; answers with what is in use. */
  discard: () => Promise<ConnectionDoc | null>;
  /** Saves over a version that somebody else saved meanwhile. */
  saveAnyway: () => Promise<Saved | null>;
}

/** A draft that says what is in use is none. */
function put(transport: Transport, connection: number, document: ConnectionDoc, live: ConnectionDoc): Promise<EditorPicture> {
  return same(document, live) ? transport.call("discard_draft", { connection }) : transport.call("save_draft", { connection, document });
}

export function useDraft(connection: number, opened: EditorPicture, document: ConnectionDoc): Draft {
  const transport = useTransport();
  const [picture, setPicture] = useState(opened);
  const [keptDocument, setKeptDocument] = useState(document);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const basedOn = useRef(opened.draft?.based_on ?? opened.revision);
  const queue = useRef<Promise<unknown>>(Promise.resolve());
  const latest = useRef({ document, kept: document, live: opened.document });
  const kept = keptDocument === document;

  useEffect(() => {
    latest.current = { document, kept: keptDocument, live: picture.document };
  }, [document, keptDocument, picture]);

  const inTurn = useCallback(async <T,>(task: () => Promise<T>): Promise<T | null> => {
    const mine = queue.current.then(task, task);
    queue.current = mine.catch(() => undefined);
    setBusy(true);
    try {
      const answer = await mine;
      setError(null);
      return answer;
    } catch (thrown) {
      setError(asApiError(thrown));
      return null;
    } finally {
      setBusy(false);
    }
  }, []);

  const keep = useCallback(async () => {
    const { document: now, live } = latest.current;
    const answer = await inTurn(() => put(transport, connection, now, live));
    if (answer === null) return false;
    setPicture(answer);
    setKeptDocument(now);
    return true;
  }, [connection, inTurn, transport]);

  useEffect(() => {
    if (kept) return;
    const timer = window.setTimeout(() => void keep(), QUIET_MS);
    return () => window.clearTimeout(timer);
  }, [kept, document, keep]);

  // Whoever leaves right after an edit loses nothing.
  useEffect(() => {
    const leave = () => {
      const { document: now, kept: before, live } = latest.current;
      if (now === before) return;
      const send = () => put(transport, connection, now, live);
      queue.current = queue.current.then(send, send).catch(() => undefined);
    };
    window.addEventListener("pagehide", leave);
    return () => {
      window.removeEventListener("pagehide", leave);
      leave();
    };
  }, [connection, transport]);

  const save = useCallback(async () => {
    const { document: now } = latest.current;
    const saved = await inTurn(() => transport.call("save_document", { connection, document: now, based_on: basedOn.current }));
    if (saved === null) return null;
    basedOn.current = saved.picture.revision;
    setPicture(saved.picture);
    setKeptDocument(now);
    return saved;
  }, [connection, inTurn, transport]);

  const saveAnyway = useCallback(async () => {
    const now = await inTurn(() => transport.call("open_editor", { connection }));
    if (now === null) return null;
    basedOn.current = now.revision;
    return save();
  }, [connection, inTurn, save, transport]);

  const discard = useCallback(async () => {
    const answer = await inTurn(() => transport.call("discard_draft", { connection }));
    if (answer === null) return null;
    basedOn.current = answer.revision;
    setPicture(answer);
    setKeptDocument(answer.document);
    return answer.document;
  }, [connection, inTurn, transport]);

  return { picture, kept, busy, error, keep, save, discard, saveAnyway };
}
