// The tickets of a run: the first page comes with the run, the others are read behind it until the list is whole.
import { useCallback, useEffect, useMemo, useState } from "react";
import type { ApiError } from "../../api/generated/ApiError";
import type { OutcomeWord } from "../../api/generated/OutcomeWord";
import type { RunPicture } from "../../api/generated/RunPicture";
import type { TicketPlace } from "../../api/generated/TicketPlace";
import type { TicketView } from "../../api/generated/TicketView";
import { asApiError, useTransport } from "../../api/transport";

export interface Tickets {
  tickets: TicketView[];
  /** How many there are in all, read or not. */
  all: number;
  complete: boolean;
  error: ApiError | null;
  again: () => void;
}

interface Further {
  /** Of which first page these are the rest. */
  of: string;
  tickets: TicketView[];
  next: TicketPlace | null;
  error: ApiError | null;
}

export function useTickets(detail: RunPicture, outcome: OutcomeWord | null): Tickets {
  const transport = useTransport();
  const { id, result } = detail.run;
  const { tickets: first, next } = detail.tickets;
  const of = JSON.stringify([id, outcome, result, next]);
  const [further, setFurther] = useState<Further>({ of, tickets: [], next, error: null });
  const [turn, setTurn] = useState(0);

  useEffect(() => {
    let wanted = true;
    const read = async () => {
      let from = (JSON.parse(of) as [number, string, string, TicketPlace | null])[3];
      let tickets: TicketView[] = [];
      while (from !== null) {
        const page: { tickets: TicketView[]; next: TicketPlace | null } = await transport.call("run_tickets", { run: id, outcome, from });
        if (!wanted) return;
        tickets = [...tickets, ...page.tickets];
        from = page.next;
        setFurther({ of, tickets, next: from, error: null });
      }
    };
    read().catch((thrown: unknown) => {
      if (wanted) setFurther((had) => ({ ...had, of, error: asApiError(thrown) }));
    });
    return () => {
      wanted = false;
    };
  }, [transport, of, id, outcome, turn]);

  const again = useCallback(() => setTurn((now) => now + 1), []);
  const mine = further.of === of ? further : null;
  const tickets = useMemo(() => {
    const known = new Set(first.map((ticket) => ticket.ordinal));
    return [...first, ...(mine?.tickets ?? []).filter((ticket) => !known.has(ticket.ordinal))];
  }, [first, mine]);
  const counted = detail.outcomes.reduce((sum, each) => sum + (outcome === null || each.outcome === outcome ? each.tickets : 0), 0);
  const complete = next === null || (mine !== null && mine.next === null && mine.error === null);
  return { tickets, all: complete ? tickets.length : Math.max(counted, tickets.length), complete, error: mine?.error ?? null, again };
}
