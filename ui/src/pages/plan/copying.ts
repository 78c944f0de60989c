// The plan as text or as a table for a spreadsheet: one line a change, left-out rows marked.
import type { PlanDetail } from "../../api/generated/PlanDetail";
import type { PlanRowView } from "../../api/generated/PlanRowView";
import { csv } from "../../lib/csv";
import { GROUPS, groupOf } from "./lines";
import { details, shown, summary, tickets, writes } from "./tell";

export function asText(plan: PlanDetail, rows: PlanRowView[]): string {
  const lines = [`Plan ${plan.plan} for ${plan.connection_name}`];
  for (const { group, label } of GROUPS) {
    const members = rows.filter((row) => groupOf(row) === group);
    if (members.length > 0) lines.push("", `${label} (${members.length})`);
    for (const row of members) {
      const out = writes(row) && !row.included ? "  [left out]" : "";
      lines.push(`  ${tickets(row)}  ${row.title}  ${summary(row)}${row.customer_sees ? "  [customer will see this]" : ""}${out}`);
      for (const detail of details(row)) {
        const value = detail.before === null ? shown(detail.after) : `${shown(detail.before)} → ${shown(detail.after)}`;
        lines.push(`    ${detail.label}: ${value}${detail.reason === "" ? "" : `  (${detail.reason})`}`);
      }
    }
  }
  return lines.join("\n");
}

export function asCsv(rows: PlanRowView[]): string {
  const head = ["Group", "Included", "Source", "Target", "Title", "Written to", "Field", "Was", "Now", "Reason", "Customer will see this"];
  const body = rows.flatMap((row) => {
    const start = [GROUPS.find(({ group }) => group === groupOf(row))?.label ?? "", writes(row) ? (row.included ? "yes" : "left out") : "", row.source ?? "", row.target ?? "", row.title];
    return details(row).map((detail) => [...start, detail.side ?? "", detail.label, detail.before ?? "", detail.after, detail.reason, detail.customerSees ? "yes" : ""]);
  });
  return csv([head, ...body]);
}
