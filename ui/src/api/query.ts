// Reading and acting with the states every screen shares: loading keeps the old content, an error keeps the input. What was
// read before is shown at once and read anew; nothing is tried again by itself.
import { useQuery as useCached, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import type { ApiError } from "./generated/ApiError";
import { asApiError, type CommandName, type RequestOf, type ResponseOf, useTransport } from "./transport";

export interface Query<T> {
  /** The last good answer, kept while a new one is awaited. */
  data: T | null;
  error: ApiError | null;
  loading: boolean;
  reload: () => void;
  /** Takes an answer that another command gave in place of reading anew. */
  put: (answer: T) => void;
}

/**
 * Reads with a command, again whenever the request changes; an answer that was overtaken is dropped. With `of`, what was read
 * of something else is not kept in sight meanwhile.
 */
export function useQuery<Name extends CommandName>(name: Name, request: RequestOf<Name>, of = ""): Query<ResponseOf<Name>> {
  const transport = useTransport();
  const memory = useQueryClient();
  const text = JSON.stringify(request);
  const key = useMemo(() => [name, JSON.parse(text) as RequestOf<Name>] as const, [name, text]);
  const found = useCached({ queryKey: key, queryFn: () => transport.call(name, key[1]) });
  const shown = useShown(found.status, found.data, found.error, of);

  const reload = useCallback(() => {
    // A first read that is still under way would be taken for the new one.
    if (memory.getQueryData(key) === undefined) void memory.cancelQueries({ queryKey: key, exact: true }, { silent: true });
    void memory.refetchQueries({ queryKey: key, exact: true });
  }, [memory, key]);
  const put = useCallback(
    (answer: ResponseOf<Name>) => {
      void memory.cancelQueries({ queryKey: key, exact: true }, { silent: true });
      memory.setQueryData(key, answer);
    },
    [memory, key],
  );
  return { ...shown, loading: found.isFetching, reload, put };
}

interface Shown<T> {
  data: T | null;
  error: ApiError | null;
}

const NOTHING = { data: null, error: null };

/** What stays in sight while a read is under way: the last answer, whatever was asked, and the last failure. */
function useShown<T>(status: "pending" | "error" | "success", data: T | undefined, thrown: unknown, of: string): Shown<T> {
  const [kept, setLast] = useState<Shown<T> & { of: string }>({ data: null, error: null, of });
  const last: Shown<T> = kept.of === of ? kept : NOTHING;
  const failed = useMemo(() => (thrown === null ? null : asApiError(thrown)), [thrown]);
  const now: Shown<T> = { data: data ?? last.data, error: status === "pending" ? last.error : status === "error" ? failed : null };
  if (now.data !== kept.data || now.error !== kept.error || kept.of !== of) setLast({ ...now, of });
  return now;
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
