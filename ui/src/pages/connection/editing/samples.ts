// The ticket that edits are tried on: which changed lately, on either side, and which was picked. The app keeps one for each
// ticket type, so trays and trial share it; edits ask nobody.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { ApiError } from "../../../api/generated/ApiError";
import type { Pair } from "../../../api/generated/Pair";
import type { SampleView } from "../../../api/generated/SampleView";
import type { Side } from "../../../api/generated/Side";
import type { TicketOffer } from "../../../api/generated/TicketOffer";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { asApiError, useTransport } from "../../../api/transport";

/** A ticket by its key, and on which side it was asked for. */
export interface Asked {
  side: Side;
  key: string;
}

interface Held {
  /** Tickets that changed lately, newest first; null until they are read. */
  recent: Pair<TicketOffer[] | null>;
  /** Why they could not be read. */
  unlisted: Pair<ApiError | null>;
  sample: SampleView | null;
  reading: Asked | null;
  /** What was asked for last and could not be read. */
  failed: { asked: Asked; error: ApiError } | null;
}

export interface Samples extends Held {
  pick: (asked: Asked) => void;
  /** Reads the recent tickets of a side, once unless `anew`. */
  list: (side: Side, anew?: boolean) => void;
}

const NOTHING: Held = { recent: { source: null, target: null }, unlisted: { source: null, target: null }, sample: null, reading: null, failed: null };

function placeOf({ name, source, target }: TypeMapping): string {
  return JSON.stringify([name, source, target]);
}

interface Wanted {
  /** Fields are read, without which no ticket can be. */
  ready: boolean;
  /** The side whose tickets are listed at first. */
  side: Side;
  /** The newest of them is picked by itself. */
  first: boolean;
}

export function useSamples(connection: number, mapping: TypeMapping, { ready, side: wanted, first }: Wanted): Samples {
  const transport = useTransport();
  const latest = useRef(mapping);
  useEffect(() => {
    latest.current = mapping;
  });
  const [held, setHeld] = useState<ReadonlyMap<string, Held>>(new Map());
  const turns = useRef(new Map<string, number>());
  const listed = useRef(new Set<string>());
  const put = useCallback((place: string, part: (before: Held) => Partial<Held>) => {
    setHeld((all) => {
      const before = all.get(place) ?? NOTHING;
      return new Map(all).set(place, { ...before, ...part(before) });
    });
  }, []);

  const read = useCallback((of: TypeMapping, asked: Asked) => {
    const place = placeOf(of);
    const turn = (turns.current.get(place) ?? 0) + 1;
    turns.current.set(place, turn);
    const current = () => turns.current.get(place) === turn;
    put(place, () => ({ reading: asked, failed: null }));
    transport.call("pick_ticket", { connection, mapping: of, ...asked }).then(
      (sample) => {
        if (current()) put(place, () => ({ sample, reading: null }));
      },
      (thrown: unknown) => {
        if (current()) put(place, () => ({ reading: null, failed: { asked, error: asApiError(thrown) } }));
      },
    );
  }, [transport, connection, put]);
  const pick = useCallback((asked: Asked) => {
    read(latest.current, asked);
  }, [read]);

  const list = useCallback((side: Side, anew = false) => {
    const of = latest.current;
    const place = placeOf(of);
    if (listed.current.has(`${side} ${place}`) && !anew) return;
    listed.current.add(`${side} ${place}`);
    transport.call("recent_tickets", { connection, mapping: of, side }).then(
      (offers) => {
        put(place, (before) => ({ recent: { ...before.recent, [side]: offers }, unlisted: { ...before.unlisted, [side]: null } }));
        const [newest] = offers;
        if (first && side === wanted && newest !== undefined && !turns.current.has(place)) read(of, { side, key: newest.key });
      },
      (thrown: unknown) => put(place, (before) => ({ unlisted: { ...before.unlisted, [side]: asApiError(thrown) } })),
    );
  }, [transport, connection, put, read, first, wanted]);

  const place = placeOf(mapping);
  useEffect(() => {
    if (ready) list(wanted);
  }, [ready, place, list, wanted]);
  const here = held.get(place) ?? NOTHING;
  return useMemo(() => ({ ...here, pick, list }), [here, pick, list]);
}
