// The plan as a flat list of lines, as the treegrid draws it: groups, their tickets, and the changes of those that are open.
import type { OutcomeWord } from "../../api/generated/OutcomeWord";
import type { PlanRowView } from "../../api/generated/PlanRowView";
import { type Detail, details, needsDecision, tickets, writes } from "./tell";

export type Chip = "all" | "created" | "updated" | "closed" | "comment" | "file" | "skipped" | "conflict";

export interface Filter {
  chip: Chip;
  /** Only what a customer will see. */
  customer: boolean;
  search: string;
}

export type GroupName = "created" | "updated" | "closed" | "decision" | "skipped";

export const GROUPS: { group: GroupName; label: string }[] = [
  { group: "created", label: "Create" },
  { group: "updated", label: "Update" },
  { group: "closed", label: "Close" },
  { group: "decision", label: "Needs a decision" },
  { group: "skipped", label: "Skip" },
];

export interface GroupLine {
  kind: "group";
  key: string;
  group: GroupName;
  label: string;
  rows: PlanRowView[];
  /** How many it will hold once all rows are read. */
  count: number;
  open: boolean;
}

export interface RowLine {
  kind: "row";
  key: string;
  row: PlanRowView;
  open: boolean;
  /** The n-th of its group. */
  place: number;
  of: number;
}

export interface DetailLine {
  kind: "detail";
  key: string;
  row: PlanRowView;
  detail: Detail;
  last: boolean;
}

export type Line = GroupLine | RowLine | DetailLine;

export function holds(row: PlanRowView, chip: Chip): boolean {
  const has = (...kinds: string[]) => row.operations.some((operation) => kinds.includes(operation.kind));
  switch (chip) {
    case "all":
      return true;
    case "comment":
      return has("comment", "edit_comment");
    case "file":
      return has("attachment");
    case "conflict":
      return needsDecision(row);
    default:
      return row.outcome === chip;
  }
}

/** Whether the filter lets only some rows of a group through. */
export function narrows(filter: Filter): boolean {
  return filter.customer || filter.search.trim() !== "" || ["comment", "file", "conflict"].includes(filter.chip);
}

export function passes(row: PlanRowView, filter: Filter): boolean {
  if (!holds(row, filter.chip) || (filter.customer && !row.customer_sees)) return false;
  const wanted = filter.search.trim().toLowerCase();
  return wanted === "" || `${tickets(row)} ${row.title}`.toLowerCase().includes(wanted);
}

export function groupOf(row: PlanRowView): GroupName {
  if (!writes(row)) return needsDecision(row) ? "decision" : "skipped";
  return row.outcome === "created" || row.outcome === "closed" ? row.outcome : "updated";
}

export interface Look {
  filter: Filter;
  /** Open rows, by ordinal. */
  open: ReadonlySet<number>;
  shut: ReadonlySet<GroupName>;
  /** Rows by outcome, as the whole plan has them; until all rows are read. */
  counts: ReadonlyMap<OutcomeWord, number> | null;
}

export function linesOf(rows: PlanRowView[], look: Look): Line[] {
  const groups = new Map<GroupName, PlanRowView[]>(GROUPS.map(({ group }) => [group, []]));
  for (const row of rows) if (passes(row, look.filter)) groups.get(groupOf(row))?.push(row);
  return GROUPS.flatMap(({ group, label }) => {
    const members = groups.get(group) ?? [];
    if (members.length === 0) return [];
    const whole = group === "decision" || group === "skipped" || narrows(look.filter) ? undefined : look.counts?.get(group);
    const open = !look.shut.has(group);
    const head: GroupLine = { kind: "group", key: `group ${group}`, group, label, rows: members, count: whole ?? members.length, open };
    return open ? [head, ...members.flatMap((row, at) => rowLines(row, at, head.count, look.open.has(row.ordinal)))] : [head];
  });
}

function rowLines(row: PlanRowView, at: number, of: number, open: boolean): Line[] {
  const line: RowLine = { kind: "row", key: `row ${row.ordinal}`, row, open, place: at + 1, of };
  if (!open) return [line];
  const all = details(row);
  return [line, ...all.map((detail, place): DetailLine => ({ kind: "detail", key: `row ${row.ordinal} ${place}`, row, detail, last: place === all.length - 1 }))];
}

export type Ticked = "all" | "some" | "none";

export function ticked(rows: PlanRowView[]): Ticked {
  const writing = rows.filter(writes);
  const included = writing.filter((row) => row.included).length;
  return included === 0 ? "none" : included === writing.length ? "all" : "some";
}
