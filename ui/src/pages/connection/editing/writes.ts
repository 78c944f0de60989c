// Writes of a connection follow each other, so that an older draft never replaces a newer one, whoever sends them.
import type { Transport } from "../../../api/transport";

const underWay = new WeakMap<Transport, Map<number, Promise<unknown>>>();

function of(transport: Transport): Map<number, Promise<unknown>> {
  const found = underWay.get(transport) ?? new Map<number, Promise<unknown>>();
  underWay.set(transport, found);
  return found;
}

/** Acts once the writes before it have ended, however they did. */
export function inTurn<T>(transport: Transport, connection: number, act: () => Promise<T>): Promise<T> {
  const mine = (of(transport).get(connection) ?? Promise.resolve()).catch(() => undefined).then(act);
  of(transport).set(connection, mine);
  return mine;
}

/** Whoever opens a connection waits for this, so that no draft is missed. */
export async function written(transport: Transport, connection: number): Promise<void> {
  await of(transport).get(connection)?.catch(() => undefined);
}
