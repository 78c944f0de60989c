// One session for each connection that is open: its tabs share document, undo and draft, and it closes with the last of them.
import { useEffect, useMemo } from "react";
import { type Transport, useTransport } from "../../../api/transport";
import { Session } from "./session";

interface Held {
  session: Session;
  holders: number;
}

const known = new WeakMap<Transport, Map<number, Held>>();

function heldBy(transport: Transport): Map<number, Held> {
  const found = known.get(transport) ?? new Map<number, Held>();
  known.set(transport, found);
  return found;
}

export function sessionOf(transport: Transport, connection: number): Session {
  const held = heldBy(transport);
  const found = held.get(connection) ?? { session: new Session(transport, connection), holders: 0 };
  held.set(connection, found);
  return found.session;
}

/** Keeps a session open; answers with what lets it go. */
export function hold(transport: Transport, connection: number, session: Session): () => void {
  const held = heldBy(transport);
  const before = held.get(connection);
  const mine = before?.session === session ? before : { session, holders: 0 };
  held.set(connection, mine);
  mine.holders += 1;
  return () => {
    mine.holders -= 1;
    if (mine.holders > 0) return;
    session.close();
    if (held.get(connection) === mine) held.delete(connection);
  };
}

export function useSession(connection: number): Session {
  const transport = useTransport();
  const session = useMemo(() => sessionOf(transport, connection), [transport, connection]);
  useEffect(() => hold(transport, connection, session), [transport, connection, session]);
  return session;
}
