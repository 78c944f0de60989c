// Conflicts by pair of tickets, and what a choice would write.
import type { Choice } from "../api/generated/Choice";
import type { ConflictView } from "../api/generated/ConflictView";
import type { Side } from "../api/generated/Side";

export interface ConflictPair {
  id: string;
  connection: string;
  source: string;
  target: string;
  /** The source's as last seen, else the target's. */
  title: string;
  fields: ConflictView[];
  found_ms: number;
  /** Every field has its choice; the next run carries it out. */
  decided: boolean;
}

/** One entry for each pair of tickets, oldest first; those that still need somebody before the decided. */
export function paired(conflicts: ConflictView[]): ConflictPair[] {
  const pairs = new Map<string, ConflictPair>();
  for (const conflict of conflicts) {
    const id = JSON.stringify([conflict.connection, conflict.source_ticket, conflict.target_ticket]);
    const pair = pairs.get(id) ?? {
      id, connection: conflict.connection, source: conflict.source_ticket, target: conflict.target_ticket,
      title: conflict.source_title === "" ? conflict.target_title : conflict.source_title, fields: [],
      found_ms: conflict.found_ms, decided: true,
    };
    pair.fields.push(conflict);
    pair.found_ms = Math.min(pair.found_ms, conflict.found_ms);
    pair.decided = pair.decided && conflict.decided !== null;
    pairs.set(id, pair);
  }
  return [...pairs.values()].sort((one, other) => Number(one.decided) - Number(other.decided) || one.found_ms - other.found_ms);
}

/** A choice somebody made on the screen, for exactly the values shown then. */
export interface Made {
  choice: Choice;
  mark: string;
}

export type Choices = ReadonlyMap<number, Made>;

/** What stands chosen for a field: made here for these very values, else what was decided before. */
export function chosenOf(conflict: ConflictView, choices: Choices): Choice | null {
  const made = choices.get(conflict.id);
  return made?.mark === conflict.mark ? made.choice : conflict.decided;
}

/** Somebody chose, and the values changed after that. */
export function overtaken(conflict: ConflictView, choices: Choices): boolean {
  const made = choices.get(conflict.id);
  return made !== undefined && made.mark !== conflict.mark;
}

export interface Writing {
  side: Side;
  value: string;
}

/** What a choice writes: on the other side, as that side would show it. None for leaving both. */
export function writing(conflict: ConflictView, choice: Choice): Writing | null {
  if (choice === "leave") return null;
  if (choice === "source") return { side: "target", value: conflict.target_would_be ?? conflict.source };
  return { side: "source", value: conflict.source_would_be ?? conflict.target };
}

/** The side whose ticket changed last; none where that is not known. Platforms tell it of tickets, not of fields. */
export function newest(conflict: ConflictView): "source" | "target" | null {
  const { source_changed_ms: source, target_changed_ms: target } = conflict;
  return source === null || target === null || source === target ? null : source > target ? "source" : "target";
}

/** Why a side cannot be chosen: its value has no counterpart on the other. */
export function refusal(conflict: ConflictView, choice: Choice, otherName: string): string | null {
  const carried = choice === "source" ? conflict.target_would_be : choice === "target" ? conflict.source_would_be : "";
  return carried === null ? `${otherName} cannot hold this value: it has no pair in the mapping` : null;
}
