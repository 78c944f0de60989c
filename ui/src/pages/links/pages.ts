// The links of a search, read page by page as they come into sight; what was read stays.
import { useCallback, useEffect, useRef, useState } from "react";
import type { ApiError } from "../../api/generated/ApiError";
import type { LinkView } from "../../api/generated/LinkView";
import { asApiError, useTransport } from "../../api/transport";

export const PAGE_ROWS = 200;

export interface Filter {
  connection: string | null;
  state: string | null;
  search: string;
}

export interface LinkPages {
  /** None until the first answer. */
  total: number | null;
  row: (at: number) => LinkView | undefined;
  /** Reads what is missing of these rows. */
  need: (first: number, last: number) => void;
  error: ApiError | null;
  loading: boolean;
  reload: () => void;
}

interface Kept {
  total: number | null;
  pages: ReadonlyMap<number, LinkView[]>;
  error: ApiError | null;
}

const NOTHING: Kept = { total: null, pages: new Map(), error: null };

/** For one filter; a new one takes a new component (by key). */
export function useLinkPages(filter: Filter): LinkPages {
  const transport = useTransport();
  const [kept, setKept] = useState(NOTHING);
  const [underWay, setUnderWay] = useState(1);
  const asked = useRef(new Set<number>());
  const turn = useRef(0);
  const key = JSON.stringify(filter);

  const read = useCallback(
    (page: number) => {
      if (asked.current.has(page)) return;
      asked.current.add(page);
      const mine = turn.current;
      setUnderWay((count) => count + 1);
      const order = { ...(JSON.parse(key) as Filter), ended: false, offset: page * PAGE_ROWS, limit: PAGE_ROWS };
      void transport.call("list_links", order).then(
        (answer) => {
          if (turn.current === mine) setKept((had) => ({ total: answer.total, pages: new Map([...had.pages, [page, answer.links]]), error: null }));
        },
        (thrown: unknown) => {
          asked.current.delete(page);
          if (turn.current === mine) setKept((had) => ({ ...had, error: asApiError(thrown) }));
        },
      ).finally(() => {
        if (turn.current === mine) setUnderWay((count) => count - 1);
      });
    },
    [transport, key],
  );

  const reload = useCallback(() => {
    turn.current += 1;
    asked.current.clear();
    setUnderWay(0);
    setKept((had) => ({ ...had, pages: new Map(), error: null }));
    read(0);
  }, [read]);

  useEffect(() => {
    // eslint-disable-next-line react-hooks/set-state-in-effect -- the state says that the read it starts is under way
    reload();
    return () => {
      turn.current += 1;
    };
  }, [reload]);

  const need = useCallback(
    (first: number, last: number) => {
      for (let page = Math.floor(first / PAGE_ROWS); page <= Math.floor(last / PAGE_ROWS); page += 1) read(page);
    },
    [read],
  );
  const row = useCallback((at: number) => kept.pages.get(Math.floor(at / PAGE_ROWS))?.[at % PAGE_ROWS], [kept.pages]);
  return { total: kept.total, row, need, error: kept.error, loading: underWay > 0, reload };
}
