// Starting a run of a connection, or a plan, from any screen.
import type { ApiError } from "../api/generated/ApiError";
import type { ConnectionCard } from "../api/generated/ConnectionCard";
import type { RunProgress } from "../api/generated/RunProgress";
import { useAct } from "../api/query";
import { go } from "../lib/route";
import { useLive } from "./live";
import { useReach } from "./reach";

export interface Order {
  /** Tickets created or changed since; none: since the last run, or all of them before the first. */
  sinceMs?: number | null;
  /** A person confirms what guards hold back. */
  confirmed?: boolean;
}

export interface Starting {
  /** Answers whether it was started. */
  run: (order?: Order) => Promise<boolean>;
  /** Plans, and goes to the plan. */
  preview: (order?: Order) => Promise<void>;
  stopPlanning: () => void;
  /** Under way from here, and which of the two. */
  busy: "run" | "plan" | null;
  /** A plan of it is being made, by whomever; how far it is. */
  making: RunProgress | null;
  /** The run of it that is at work. */
  working: RunProgress | null;
  error: { of: "run" | "plan"; error: ApiError } | null;
  forget: () => void;
  /** Why nothing can be started now. */
  refused: string | null;
  /** A person has to look first: nothing of real platforms is written unseen the first time. */
  lookFirst: boolean;
}

export function useStarting(connection: ConnectionCard | null): Starting {
  const { connections, runs, plans } = useLive();
  const sync = useAct("run_sync");
  const plan = useAct("plan_sync");
  const cancel = useAct("cancel_run");
  const practice = connection !== null && connection.source_side.practice && connection.target_side.practice;
  const first = connection?.first_run === true;
  const working = runs.find((run) => run.connection === connection?.id && run.result === null) ?? null;
  const reach = useReach(practice);
  const refused = connection === null ? "This connection is not there any more." : reach;
  const busy = sync.busy ? "run" : plan.busy ? "plan" : null;
  const still = connection === null || refused !== null || busy !== null || working !== null;
  // A first run has no last one to begin from.
  const since = (order: Order) => order.sinceMs ?? (first ? 0 : null);

  const run = async (order: Order = {}) => {
    if (still) return false;
    plan.forget();
    if ((await sync.act({ connection: connection.id, since_ms: since(order), plan: null, confirmed: order.confirmed ?? false })) === null) return false;
    connections.reload();
    return true;
  };
  const preview = async (order: Order = {}) => {
    if (still) return;
    sync.forget();
    const made = await plan.act({ connection: connection.id, since_ms: since(order) });
    if (made !== null) go({ page: "plan", plan: made.plan });
  };
  const stopPlanning = () => {
    if (connection !== null) void cancel.act({ connection: connection.id });
  };
  const error = sync.error !== null ? { of: "run" as const, error: sync.error } : plan.error !== null ? { of: "plan" as const, error: plan.error } : null;
  const forget = () => {
    sync.forget();
    plan.forget();
  };
  const making = connection === null ? null : (plans.get(connection.id) ?? null);
  return { run, preview, stopPlanning, busy, making, working, error, forget, refused, lookFirst: first && !practice };
}
