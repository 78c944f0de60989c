// Applying a plan, whole or only some of its rows; a large one asks once more.
import { useState } from "react";
import type { ApiError } from "../../api/generated/ApiError";
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import type { PlanDetail } from "../../api/generated/PlanDetail";
import type { PlanRowView } from "../../api/generated/PlanRowView";
import { useAct } from "../../api/query";
import { go } from "../../lib/route";
import { useLive } from "../../state/live";
import type { Reading } from "./reading";
import { writes } from "./tell";

/** Above these a plan asks once more (ux.md §5). */
export const CREATES_ASKED = 200;
export const SEEN_ASKED = 25;

export interface Sums {
  all: number;
  included: number;
  creates: number;
  /** Things that a customer will see. */
  seen: number;
}

export interface Applying extends Sums {
  /** Why nothing can be applied now. */
  refused: string | null;
  busy: boolean;
  error: ApiError | null;
  asking: boolean;
  stopAsking: () => void;
  /** What **Apply** means: asks first where it must, then applies what is included and goes to watch. */
  start: () => void;
  confirmed: () => void;
  /** Applies these rows alone; answers with the run. */
  only: (rows: PlanRowView[]) => Promise<number | null>;
}

export function useApplying(plan: PlanDetail, connection: ConnectionCard | null, reading: Reading, blocked: string | null, done: () => void): Applying {
  const { connections } = useLive();
  const run = useAct("run_sync");
  const [asking, setAsking] = useState(false);
  const [choosing, setChoosing] = useState(false);
  const sums = sumsOf(plan, reading.rows, reading.complete);
  const refused = blocked ?? (sums.included === 0 ? "Nothing is included." : null);
  const busy = run.busy || choosing;

  const apply = async (): Promise<number | null> => {
    // The plan knows from when on it counted; a first run is asked for a start all the same.
    const order = { connection: plan.connection, since_ms: connection?.first_run === true ? 0 : null, plan: plan.plan, confirmed: true };
    const started = await run.act(order);
    setAsking(false);
    if (started === null) return null;
    connections.reload();
    return started.run;
  };
  const whole = async () => {
    if ((await apply()) === null) return;
    done();
    go({ page: "sync", connection: plan.connection });
  };
  const start = () => {
    if (refused !== null || busy || asking) return;
    if (sums.creates > CREATES_ASKED || sums.seen > SEEN_ASKED) setAsking(true);
    else void whole();
  };
  const only = async (rows: PlanRowView[]) => {
    if (blocked !== null || busy || rows.length === 0) return null;
    setChoosing(true);
    const left = await reading.include({ which: "all", included: false });
    const kept = left && (await reading.include({ which: { these: rows.map((row) => row.ordinal) }, included: true }));
    setChoosing(false);
    return kept ? apply() : null;
  };
  return { ...sums, refused, busy, error: run.error, asking, stopAsking: () => setAsking(false), start, confirmed: () => void whole(), only };
}

function sumsOf(plan: PlanDetail, rows: PlanRowView[], complete: boolean): Sums {
  const writing = plan.outcomes.filter((each) => each.outcome !== "skipped" && each.outcome !== "failed");
  const operations = rows.filter((row) => row.included && writes(row)).flatMap((row) => row.operations);
  return {
    all: writing.reduce((sum, each) => sum + each.rows, 0),
    included: writing.reduce((sum, each) => sum + each.included, 0),
    creates: writing.find((each) => each.outcome === "created")?.included ?? 0,
    // Until all rows are read the whole plan counts: rather one question too many.
    seen: complete ? operations.filter((operation) => operation.customer_sees).length : plan.tally.customer_sees,
  };
}
