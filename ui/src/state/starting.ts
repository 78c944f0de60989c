// Starting a run of a connection, or a plan, from any screen.
import type { ApiError } from "../api/generated/ApiError";
import type { ConnectionCard } from "../api/generated/ConnectionCard";
import { useAct } from "../api/query";
import { useOnline } from "../lib/online";
import { rememberSince } from "../lib/planned";
import { go } from "../lib/route";
import { useLive } from "./live";

export interface Starting {
  /** Answers whether it was started. */
  run: () => Promise<boolean>;
  /** Plans, and goes to the plan. */
  preview: () => Promise<void>;
  planning: boolean;
  busy: boolean;
  error: ApiError | null;
  /** A run of it is at work already. */
  working: boolean;
  /** Why nothing can be started now. */
  refused: string | null;
}

export function useStarting(connection: ConnectionCard | null): Starting {
  const { connections, runs } = useLive();
  const online = useOnline();
  const sync = useAct("run_sync");
  const plan = useAct("plan_sync");
  const practice = connection !== null && connection.source_side.practice && connection.target_side.practice;
  const working = connection !== null && runs.some((run) => run.connection === connection.id && run.result === null);
  const refused = connection === null ? "This connection is not there any more." : online || practice ? null : "There is no network.";
  const busy = sync.busy || plan.busy;
  const since = connection?.first_run === true ? 0 : null;

  const run = async () => {
    if (connection === null || refused !== null || busy || working) return false;
    plan.forget();
    if ((await sync.act({ connection: connection.id, since_ms: since, plan: null, confirmed: false })) === null) return false;
    connections.reload();
    return true;
  };
  const preview = async () => {
    if (connection === null || refused !== null || busy || working) return;
    sync.forget();
    const made = await plan.act({ connection: connection.id, since_ms: since });
    if (made === null) return;
    rememberSince(made.plan, since);
    go({ page: "plan", plan: made.plan });
  };
  return { run, preview, planning: plan.busy, busy, error: sync.error ?? plan.error, working, refused };
}
