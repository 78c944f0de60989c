// The counts of a plan; each is a filter.
import type { PlanDetail } from "../../api/generated/PlanDetail";
import { count } from "../../lib/format";
import type { Chip } from "./lines";

interface ChipsProps {
  detail: PlanDetail;
  chosen: Chip;
  choose: (chip: Chip) => void;
}

export function Chips({ detail, chosen, choose }: ChipsProps) {
  const { tally, outcomes } = detail;
  const of = (outcome: string) => outcomes.find((each) => each.outcome === outcome)?.rows ?? 0;
  const chips: [Chip, string, number][] = [
    ["all", "All", outcomes.reduce((sum, each) => sum + each.rows, 0)],
    ["created", "Create", of("created")], ["updated", "Update", of("updated")], ["closed", "Close", of("closed")],
    ["comment", "Comment", tally.comments], ["file", "File", tally.files], ["skipped", "Skip", of("skipped")], ["conflict", "Conflict", tally.conflicts],
  ];
  return (
    <div className="plan-chips" role="group" aria-label="Counts">
      {chips.map(([chip, label, value]) => (
        <button key={chip} type="button" className={value === 0 ? "plan-chip zero" : `plan-chip plan-chip-${chip}`} aria-pressed={chosen === chip} onClick={() => choose(chosen === chip ? "all" : chip)}>
          <strong>{count(value)}</strong> <span>{label}</span>
        </button>
      ))}
    </div>
  );
}
