// A made-up plan, row by row. Companies and people are invented.
import type { PlanDetail } from "./generated/PlanDetail";
import type { PlanRowView } from "./generated/PlanRowView";
import { type Some, refused } from "./memory-kit";

export interface PlanWorld {
  plans: Map<number, { detail: PlanDetail; rows: PlanRowView[] }>;
}

/** Rows of one answer, as the app gives them. */
const ROWS_SHOWN = 200;

export function planHandlers(world: PlanWorld): Some<"plan_detail" | "plan_rows" | "include_rows" | "discard_plan"> {
  const of = (plan: number) => {
    const found = world.plans.get(plan);
    if (found === undefined) throw refused("not_found", `there is no plan ${plan}`, "Make a new one.");
    return found;
  };
  return {
    plan_detail: ({ plan }) => counted(of(plan)),
    plan_rows: ({ plan, outcome, from }) => {
      const rows = of(plan).rows.filter((row) => row.ordinal >= from && (outcome === null || row.outcome === outcome));
      const page = rows.slice(0, ROWS_SHOWN);
      return { rows: page, next: rows.length > ROWS_SHOWN ? (page.at(-1)?.ordinal ?? 0) + 1 : null };
    },
    include_rows: ({ plan, which, included }) => {
      const found = of(plan);
      for (const row of found.rows) {
        const meant = which === "all" || ("outcome" in which ? row.outcome === which.outcome : which.these.includes(row.ordinal));
        if (meant) row.included = included;
      }
      return counted(found);
    },
    discard_plan: ({ plan }) => {
      world.plans.delete(plan);
      return {};
    },
  };
}

function counted({ detail, rows }: { detail: PlanDetail; rows: PlanRowView[] }): PlanDetail {
  const outcomes = detail.outcomes.map(({ outcome }) => {
    const all = rows.filter((row) => row.outcome === outcome);
    return { outcome, rows: all.length, included: all.filter((row) => row.included).length };
  });
  return { ...detail, outcomes };
}
