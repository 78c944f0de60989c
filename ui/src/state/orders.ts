// Ordering a plan or a run of one connection, the same from every screen that offers it.
import type { ApiError } from "../api/generated/ApiError";
import type { ConnectionCard } from "../api/generated/ConnectionCard";
import type { RunProgress } from "../api/generated/RunProgress";
import { useAct } from "../api/query";
import { useTransport } from "../api/transport";
import { go } from "../lib/route";
import { useLive } from "./live";
import { useReach } from "./reach";
import { useToast } from "./toast";

export interface Orders {
  /** The run at work; a second one of the same connection cannot start. */
  working: RunProgress | null;
  /** Why nothing can be ordered now. */
  refused: string | null;
  /** A plan is being made, here or on another screen. */
  planning: boolean;
  starting: boolean;
  /** What went wrong, with its title. */
  failed: { title: string; error: ApiError } | null;
  forget: () => void;
  /** Plans and opens the plan; answers whether it came to that. `null` counts from the last run on. */
  plan: (sinceMs: number | null) => Promise<boolean>;
  /** Starts a run; answers whether it works. */
  start: (sinceMs: number | null) => Promise<boolean>;
  stopPlanning: () => void;
  /** What **Preview** means where no start can be chosen. */
  preview: () => void;
  /** What **Run sync** means there: a plan first, as long as no run went by itself. */
  sync: () => void;
}

export function isPractice(connection: ConnectionCard): boolean {
  return connection.source_side.practice && connection.target_side.practice;
}

/** Until a first automatic run a person looks before anything real is written. */
export function looksFirst(connection: ConnectionCard): boolean {
  if (isPractice(connection)) return false;
  return connection.first_run || (!connection.automatic && connection.last_run?.kind !== "automatic");
}

export function useOrders(connection: ConnectionCard): Orders {
  const transport = useTransport();
  const toast = useToast();
  const { connections, runs, plans } = useLive();
  const planned = useAct("plan_sync");
  const started = useAct("run_sync");
  const refused = useReach(isPractice(connection));
  const working = runs.find((run) => run.connection === connection.id && run.result === null) ?? null;
  const planning = planned.busy || plans.has(connection.id);
  const blocked = refused !== null || working !== null || planning || started.busy;

  const forget = () => {
    planned.forget();
    started.forget();
  };
  const plan = async (sinceMs: number | null) => {
    if (blocked) return false;
    forget();
    const made = await planned.act({ connection: connection.id, since_ms: sinceMs });
    if (made === null) return false;
    go({ page: "plan", plan: made.plan });
    return true;
  };
  const start = async (sinceMs: number | null) => {
    if (blocked) return false;
    forget();
    const run = await started.act({ connection: connection.id, since_ms: sinceMs, plan: null, confirmed: false });
    if (run === null) return false;
    connections.reload();
    return true;
  };
  /** Before a first run somebody says from when on tickets count. */
  const choose = () => {
    go({ page: "sync", connection: connection.id });
    toast({ text: `Say which tickets of ${connection.name} count before its first run.` });
  };
  const failed = started.error !== null ? { title: "The run did not start", error: started.error } : planned.error !== null ? { title: "The plan could not be made", error: planned.error } : null;
  return {
    working, refused, planning, starting: started.busy, failed, forget, plan, start,
    stopPlanning: () => void transport.call("cancel_run", { connection: connection.id }).catch(() => undefined),
    preview: () => {
      if (connection.first_run) choose();
      else void plan(null);
    },
    sync: () => {
      if (connection.first_run) choose();
      else void (looksFirst(connection) ? plan(null) : start(null));
    },
  };
}
