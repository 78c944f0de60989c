// The one button of a problem: its remedy where the checker has one, else the way to where a person can mend it.
import type { Change } from "../../../api/generated/Change";
import type { FieldMapping } from "../../../api/generated/FieldMapping";
import type { FoundProblem } from "../../../api/generated/FoundProblem";
import type { ProblemCode } from "../../../api/generated/ProblemCode";
import type { Side } from "../../../api/generated/Side";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { SIDES } from "../editing/parts";
import { tabOf } from "../editing/problems";
import { fieldsOf, keyOf, writes } from "../editing/rows";
import type { Offers } from "./offer";

export type Act = { label: string } & (
  | { do: "mend"; changes: Change[] }
  | { do: "go"; tab: "setup" | "templates" | "description" }
  | { do: "choose_field"; row: number; side: Side }
  | { do: "choose_value"; row: number; pair: number }
  | { do: "open_pair"; row: number; pair: number }
  | { do: "show_both"; row: number; other: number }
  | { do: "try" }
  | { do: "set_fixed"; field: string }
  | { do: "show"; row: number }
);

const OTHER_FIELD = new Set<ProblemCode>([
  "field_missing", "field_read_only", "field_calculated", "not_on_create", "field_count", "types_do_not_fit", "direction_not_possible", "group_without_table", "not_a_person", "date_needs_zone",
]);

/** Nothing where no button leads anywhere. */
export function actOf(problem: FoundProblem, mapping: TypeMapping | undefined, offers: Offers): Act | null {
  const [remedy] = problem.remedies;
  if (remedy !== undefined) return { do: "mend", label: remedy.label, changes: remedy.changes };
  const tab = tabOf(problem);
  if (tab === "templates") return { do: "go", label: "Open Templates", tab };
  if (tab === "setup") return { do: "go", label: "Open Setup", tab };
  if (mapping === undefined) return null;
  if (problem.code === "required_on_create") return fixed(problem, mapping, offers);
  const row = rowOf(problem, mapping);
  const field = mapping.field[row];
  if (problem.place.part !== "field" || field === undefined) return null;
  const { pair } = problem.place;
  if (OTHER_FIELD.has(problem.code)) return { do: "choose_field", label: "Choose another…", row, side: strangeSide(field, offers) };
  if (problem.code === "written_twice") {
    const other = twinOf(mapping, row);
    if (other !== null) return { do: "show_both", label: "Show both", row, other };
  }
  if (problem.code === "rich_text_flattened") return field.rule.kind === "description" ? { do: "go", label: "See what is lost", tab: "description" } : { do: "try", label: "See what is lost" };
  if (pair !== undefined && (problem.code === "status_unreachable" || problem.code === "value_gone")) return { do: "choose_value", label: "Choose another…", row, pair };
  if (pair !== undefined) return { do: "open_pair", label: "Open pair", row, pair };
  return { do: "show", label: "Show", row };
}

/** The row a problem is about, where it stands now; -1 where it is gone. */
export function rowOf({ place }: FoundProblem, mapping: TypeMapping): number {
  if (place.part !== "field") return -1;
  const named = mapping.field[place.index];
  if (named !== undefined && keyOf(named) === place.key) return place.index;
  return mapping.field.findIndex((each) => keyOf(each) === place.key);
}

/** The side whose field is gone; else the one that would be written. */
function strangeSide(row: FieldMapping, offers: Offers): Side {
  const gone = SIDES.find((side) => offers[side].schema !== null && fieldsOf(row, side).some((id) => offers[side].field(id) === undefined));
  return gone ?? (row.direction === "<-" ? "source" : "target");
}

/** Another row that writes one of the fields this one writes. */
function twinOf(mapping: TypeMapping, at: number): number | null {
  const row = mapping.field[at];
  if (row === undefined) return null;
  const meets = (other: FieldMapping) => SIDES.some((side) => writes(row.direction, side) && writes(other.direction, side) && fieldsOf(row, side).some((id) => fieldsOf(other, side).includes(id)));
  const found = mapping.field.findIndex((other, place) => place !== at && meets(other));
  return found < 0 ? null : found;
}

/** A required field that no row fills can be given a value here; the sentence names it. */
function fixed({ message }: FoundProblem, mapping: TypeMapping, offers: Offers): Act | null {
  const filled = new Set(mapping.field.filter((row) => writes(row.direction, "target")).flatMap((row) => fieldsOf(row, "target")));
  const missing = (offers.target.schema?.fields ?? []).filter((field) => field.required_on_create && field.read_only === null && !filled.has(field.id));
  const field = missing.find((each) => message.includes(each.label));
  return field === undefined ? null : { do: "set_fixed", label: "Set fixed value…", field: field.id };
}
