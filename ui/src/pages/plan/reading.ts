// Reads the rows of a plan page by page, group after group, so that the list only grows at its end; and ticks them.
import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import type { ApiError } from "../../api/generated/ApiError";
import type { OutcomeWord } from "../../api/generated/OutcomeWord";
import type { PlanDetail } from "../../api/generated/PlanDetail";
import { asApiError, useTransport } from "../../api/transport";
import { NO_ROWS, type Order, type Rows, rowsAfter } from "./rows";

const ORDER: OutcomeWord[] = ["created", "updated", "closed", "skipped"];

export interface Reading extends Rows {
  again: () => void;
  /** Answers whether the tick was kept. */
  include: (order: Order) => Promise<boolean>;
  /** Why a tick was not kept. */
  refused: ApiError | null;
}

export function useRows(plan: number, counted: (detail: PlanDetail) => void): Reading {
  const transport = useTransport();
  const [state, tell] = useReducer(rowsAfter, NO_ROWS);
  const [turn, setTurn] = useState(0);
  const [refused, setRefused] = useState<ApiError | null>(null);
  const ticking = useRef<Promise<unknown>>(Promise.resolve());

  useEffect(() => {
    let wanted = true;
    const read = async () => {
      for (const outcome of ORDER) {
        let from: number | null = 0;
        while (from !== null) {
          const page: { rows: Rows["rows"]; next: number | null } = await transport.call("plan_rows", { plan, outcome, from });
          if (!wanted) return;
          tell({ event: "page", rows: page.rows });
          from = page.next;
        }
      }
      tell({ event: "complete" });
    };
    read().catch((thrown: unknown) => {
      if (wanted) tell({ event: "failed", error: asApiError(thrown) });
    });
    return () => {
      wanted = false;
    };
  }, [transport, plan, turn]);

  const again = useCallback(() => {
    tell({ event: "again" });
    setTurn((now) => now + 1);
  }, []);
  const include = useCallback(
    (order: Order) => {
      tell({ event: "ordered", order });
      setRefused(null);
      // One after the other, so that the last answer holds the last tick.
      const mine = ticking.current
        .then(() => transport.call("include_rows", { plan, ...order }))
        .then((detail) => {
          counted(detail);
          return true;
        })
        .catch((thrown: unknown) => {
          setRefused(asApiError(thrown));
          again();
          return false;
        });
      ticking.current = mine;
      return mine;
    },
    [transport, plan, counted, again],
  );
  return { ...state, again, include, refused };
}
