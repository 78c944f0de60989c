// How many tickets hold each value now: asked once after the editor opens, and again when somebody asks.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { ApiError } from "../../../api/generated/ApiError";
import type { Counted } from "../../../api/generated/Counted";
import type { Side } from "../../../api/generated/Side";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { asApiError, useTransport } from "../../../api/transport";

export interface Counting {
  counted: Counted | null;
  busy: boolean;
  error: ApiError | null;
  again: () => void;
}

/** Tickets that hold a value now; nothing while it is not known. */
export type Tickets = (side: Side, field: string, value: string) => number | null;

export function useCounts(connection: number, mapping: TypeMapping, ready: boolean, told: () => void): Counting {
  const transport = useTransport();
  const [counted, setCounted] = useState<ReadonlyMap<string, Counted>>(new Map());
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const asked = useRef(new Set<string>());
  const latest = useRef({ mapping, told });
  useEffect(() => {
    latest.current = { mapping, told };
  });
  const again = useCallback(() => {
    const { mapping: now } = latest.current;
    asked.current.add(now.name);
    setBusy(true);
    transport.call("count_values", { connection, mapping: now }).then(
      (answer) => {
        setCounted((before) => new Map(before).set(now.name, answer));
        setError(null);
        setBusy(false);
        latest.current.told();
      },
      (thrown: unknown) => {
        setError(asApiError(thrown));
        setBusy(false);
      },
    );
  }, [connection, transport]);
  const name = mapping.name;
  const countable = mapping.field.some((row) => row.rule.kind === "values");
  useEffect(() => {
    if (ready && countable && !asked.current.has(name)) again();
  }, [ready, countable, name, again]);
  const known = counted.get(name) ?? null;
  return useMemo(() => ({ counted: known, busy, error, again }), [known, busy, error, again]);
}

export function ticketsOf(counted: Counted | null): Tickets {
  return (side, field, value) => {
    const of = counted?.counts[side][field];
    return of === undefined ? null : (of[value] ?? 0);
  };
}
