// Folds neighbouring checks that found nothing, so that the runs that did something stay in sight.
import type { RunView } from "../api/generated/RunView";

export type HistoryItem = { kind: "run"; run: RunView } | { kind: "fold"; runs: RunView[] };

/** So many neighbours fold; fewer are shorter as they are. */
const FOLD_FROM = 3;

export function folded(runs: RunView[], fold: boolean): HistoryItem[] {
  const items: HistoryItem[] = [];
  let quiet: RunView[] = [];
  const flush = () => {
    if (fold && quiet.length >= FOLD_FROM) items.push({ kind: "fold", runs: quiet });
    else items.push(...quiet.map((run) => ({ kind: "run" as const, run })));
    quiet = [];
  };
  for (const run of runs) {
    if (run.result === "nothing_to_do" && run.kind === "automatic") {
      quiet.push(run);
      continue;
    }
    flush();
    items.push({ kind: "run", run });
  }
  flush();
  return items;
}
