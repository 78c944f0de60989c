// The counts of a plan, all of tickets; each is a filter.
import type { PlanDetail } from "../../api/generated/PlanDetail";
import type { PlanRowView } from "../../api/generated/PlanRowView";
import { count } from "../../lib/format";
import { type Chip, holds } from "./lines";

interface ChipsProps {
  detail: PlanDetail;
  /** As far as they were read: what outcomes do not tell is counted on them. */
  rows: PlanRowView[];
  chosen: Chip;
  choose: (chip: Chip) => void;
}

export function Chips({ detail, rows, chosen, choose }: ChipsProps) {
  const { outcomes } = detail;
  const among = (chip: Chip) => rows.filter((row) => holds(row, chip)).length;
  const of = (outcome: string) => outcomes.find((each) => each.outcome === outcome)?.rows ?? 0;
  const chips: [Chip, string, number][] = [
    ["all", "All", outcomes.reduce((sum, each) => sum + each.rows, 0)],
    ["created", "Create", of("created")], ["updated", "Update", of("updated")], ["closed", "Close", of("closed")],
    ["comment", "Comment", among("comment")], ["file", "File", among("file")], ["skipped", "Skip", of("skipped")], ["conflict", "Conflict", among("conflict")],
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
