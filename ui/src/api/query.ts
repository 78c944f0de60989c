// Reading and acting with the states every screen shares: loading keeps the old content, an error keeps the input.
import { useCallback, useEffect, useRef, useState } from "react";
import type { ApiError } from "./generated/ApiError";
import { asApiError, type CommandName, type RequestOf, type ResponseOf, useTransport } from "./transport";

export interface Query<T> {
  /** The last good answer, kept while a new one is awaited. */
  data: T | null;
  error: ApiError | null;
  loading: boolean;
  reload: () => void;
}

/** Reads with a command, again whenever the request changes; an answer that was overtaken is dropped. */
export function useQuery<Name extends CommandName>(name: Name, request: RequestOf<Name>): Query<ResponseOf<Name>> {
  const transport = useTransport();
  const [data, setData] = useState<ResponseOf<Name> | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [loading, setLoading] = useState(true);
  const turn = useRef(0);
  const key = JSON.stringify(request);

  const reload = useCallback(() => {
    const mine = ++turn.current;
    setLoading(true);
    transport.call(name, JSON.parse(key) as RequestOf<Name>).then(
      (answer) => {
        if (turn.current !== mine) return;
        setData(answer);
        setError(null);
        setLoading(false);
      },
      (thrown: unknown) => {
        if (turn.current !== mine) return;
        setError(asApiError(thrown));
        setLoading(false);
      },
    );
  }, [transport, name, key]);

  useEffect(() => {
    // eslint-disable-next-line react-hooks/set-state-in-effect -- the state says that the read it starts is under way
    reload();
    return () => {
      turn.current += 1;
    };
  }, [reload]);

  return { data, error, loading, reload };
}

export interface Act<Name extends CommandName> {
  act: (request: RequestOf<Name>) => Promise<ResponseOf<Name> | null>;
  busy: boolean;
  error: ApiError | null;
  forget: () => void;
}

/** Acts with a command; a failure is kept to be shown, and `act` then answers with null. */
export function useAct<Name extends CommandName>(name: Name): Act<Name> {
  const transport = useTransport();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const act = useCallback(
    async (request: RequestOf<Name>) => {
      setBusy(true);
      setError(null);
      try {
        return await transport.call(name, request);
      } catch (thrown) {
        setError(asApiError(thrown));
        return null;
      } finally {
        setBusy(false);
      }
    },
    [transport, name],
  );
  const forget = useCallback(() => setError(null), []);
  return { act, busy, error, forget };
}
