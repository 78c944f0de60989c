// The ticket that edits are tried on: which changed lately, and which of them was picked.
import { useCallback, useEffect, useRef, useState } from "react";
import type { ApiError } from "../../../api/generated/ApiError";
import type { SampleView } from "../../../api/generated/SampleView";
import type { Side } from "../../../api/generated/Side";
import type { TicketOffer } from "../../../api/generated/TicketOffer";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { asApiError, useTransport } from "../../../api/transport";

export interface Tickets {
  recent: TicketOffer[] | null;
  sample: SampleView | null;
  /** The key that is being read. */
  reading: string | null;
  error: ApiError | null;
  pick: (key: string) => void;
  /** Reads the list once more. */
  again: () => void;
}

/** Offers recent tickets of a side; with `first` the newest is picked by itself. Edits of the mapping ask nobody. */
export function useTickets(connection: number, mapping: TypeMapping, side: Side, first: boolean): Tickets {
  const transport = useTransport();
  const latest = useRef(mapping);
  useEffect(() => {
    latest.current = mapping;
  });
  const [recent, setRecent] = useState<TicketOffer[] | null>(null);
  const [sample, setSample] = useState<SampleView | null>(null);
  const [reading, setReading] = useState<string | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [asked, setAsked] = useState(0);
  const turn = useRef(0);

  const pick = useCallback((key: string) => {
    const mine = ++turn.current;
    setReading(key);
    setError(null);
    transport.call("pick_ticket", { connection, mapping: latest.current, side, key }).then(
      (read) => {
        if (mine !== turn.current) return;
        setSample(read);
        setReading(null);
      },
      (thrown: unknown) => {
        if (mine !== turn.current) return;
        setError(asApiError(thrown));
        setReading(null);
      },
    );
  }, [transport, connection, side]);

  const place = JSON.stringify([mapping.name, mapping.source, mapping.target]);
  useEffect(() => {
    let current = true;
    transport.call("recent_tickets", { connection, mapping: latest.current, side }).then(
      (offers) => {
        if (!current) return;
        setRecent(offers);
        setError(null);
        const [newest] = offers;
        if (first && newest !== undefined) pick(newest.key);
      },
      (thrown: unknown) => {
        if (current) setError(asApiError(thrown));
      },
    );
    return () => {
      current = false;
      turn.current += 1;
    };
  }, [transport, connection, side, first, place, pick, asked]);

  return { recent, sample, reading, error, pick, again: () => setAsked((times) => times + 1) };
}
