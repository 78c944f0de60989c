// What a row of a plan says: its tickets with the arrow of the write, what it does in a few words, and each change by itself.
import type { OperationView } from "../../api/generated/OperationView";
import type { PlanRowView } from "../../api/generated/PlanRowView";
import { plural } from "../../lib/format";
import { planned } from "../../lib/ticket";
import { ticketPair } from "../../lib/words";

/** What stands under an open row: a change, or something to know. */
export interface Detail {
  kind: "change" | "conflict" | "notice";
  label: string;
  /** `null` where there is no old value to tell: a new ticket, a comment. */
  before: string | null;
  after: string;
  reason: string;
  side: "source" | "target" | null;
  customerSees: boolean;
}

/** Whether anything of it is written at all; only then it can be ticked. */
export function writes(row: PlanRowView): boolean {
  return row.operations.length > 0;
}

/** A person has to decide before the ticket is in step again. */
export function needsDecision(row: PlanRowView): boolean {
  return row.conflicts.length > 0;
}

/** The pair with the arrow of the write; a ticket that is yet to be made is "new". */
export function tickets(row: PlanRowView): string {
  const created = row.operations.find((operation) => operation.kind === "create");
  if (created !== undefined) return `${row.source ?? row.target ?? ""} → new`;
  return ticketPair(row.source, row.target, needsDecision(row) && !writes(row) ? "both" : planned(row));
}

/** In a few words; one change alone is told whole. */
export function summary(row: PlanRowView): string {
  if (!writes(row)) {
    if (needsDecision(row)) return `${row.conflicts.join(", ")} changed on both sides`;
    const [notice] = row.notices;
    return notice === undefined ? "Nothing to write" : capital(notice.message);
  }
  const [created] = row.operations.filter((operation) => operation.kind === "create");
  if (created !== undefined) return joined([plural(created.changes.length, "field"), ...others(row.operations)]);
  const changes = row.operations.flatMap((operation) => operation.changes);
  const rest = others(row.operations);
  const [only] = changes;
  if (only !== undefined && changes.length === 1 && rest.length === 0 && (only.before + only.after).length <= 48) {
    return `${only.field}: ${shown(only.before)} → ${shown(only.after)}`;
  }
  return joined([changes.length === 0 ? "" : plural(changes.length, "field"), ...rest]);
}

function others(operations: OperationView[]): string[] {
  const of = (...kinds: string[]) => operations.filter((operation) => kinds.includes(operation.kind)).length;
  const told: [number, string][] = [[of("comment", "edit_comment"), "comment"], [of("attachment"), "file"], [of("link"), "link"]];
  return told.filter(([all]) => all > 0).map(([all, word]) => plural(all, word));
}

function joined(parts: string[]): string {
  return parts.filter(Boolean).join(", ");
}

export function shown(value: string): string {
  return value === "" ? "empty" : value;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const WORDS: Record<string, string> = { comment: "Comment", edit_comment: "Edited comment", attachment: "File", link: "Link", create: "New ticket", status: "Status", update: "Fields" };

/** Every change of a row, then what a person should know of it. */
export function details(row: PlanRowView): Detail[] {
  return [...row.operations.flatMap(changesOf), ...conflictsOf(row), ...noticesOf(row)];
}

function changesOf(operation: OperationView): Detail[] {
  const side = operation.side === "source" ? ("source" as const) : ("target" as const);
  if (operation.changes.length > 0) {
    return operation.changes.map((change) => ({
      kind: "change", label: change.field, before: operation.kind === "create" ? null : change.before, after: change.after,
      reason: change.reason === "" ? operation.reason : change.reason, side, customerSees: operation.customer_sees,
    }));
  }
  const what = operation.what.replace(/^((edited )?comment, |file |link )/, "");
  return [{ kind: "change", label: WORDS[operation.kind] ?? "Write", before: null, after: capital(what), reason: operation.reason, side, customerSees: operation.customer_sees }];
}

function conflictsOf(row: PlanRowView): Detail[] {
  return row.conflicts.map((field) => ({ kind: "conflict", label: field, before: null, after: "Changed on both sides", reason: "On hold until you decide", side: null, customerSees: false }));
}

function noticesOf(row: PlanRowView): Detail[] {
  const told = row.notices.filter((notice) => !(needsDecision(row) && notice.needs_person));
  return told.map((notice) => ({ kind: "notice", label: notice.needs_person ? "Needs you" : "Note", before: null, after: capital(notice.message), reason: notice.remedy ?? "", side: null, customerSees: false }));
}
