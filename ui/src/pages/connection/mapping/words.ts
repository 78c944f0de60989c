// The words of the editor: directions, rules, values as screen readers hear them, where a problem stands.
import type { About } from "../../../api/generated/About";
import type { Direction } from "../../../api/generated/Direction";
import type { FieldKind } from "../../../api/generated/FieldKind";
import type { FieldMapping } from "../../../api/generated/FieldMapping";
import type { FieldSchema } from "../../../api/generated/FieldSchema";
import type { FoundProblem } from "../../../api/generated/FoundProblem";
import type { OnConflict } from "../../../api/generated/OnConflict";
import type { Rule } from "../../../api/generated/Rule";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import type { ValuePair } from "../../../api/generated/ValuePair";
import type { IconName } from "../../../components/icons";
import { count, plural } from "../../../lib/format";
import { directionOf, fieldsOf, pairsOf } from "../editing/rows";
import type { Offers } from "./offer";

export const DIRECTIONS: Record<Direction, { label: string; sign: string; icon: IconName }> = {
  "<->": { label: "Bidirectional", sign: "⇄", icon: "both" },
  "->": { label: "Source to target", sign: "→", icon: "right" },
  "<-": { label: "Target to source", sign: "←", icon: "left" },
};

export const RULES: Record<Rule["kind"], string> = {
  copy: "Copy", values: "Values", matrix: "Matrix", person: "Match by email", constant: "Fixed value", text: "Text", description: "Builder",
};

export const CONFLICTS: Record<OnConflict, string> = { ask: "Ask", source_wins: "Source wins", target_wins: "Target wins", newest_wins: "Newest wins" };

export const KIND_ICONS: Record<FieldKind, IconName> = {
  line: "text", text: "text", rich: "text", choice: "list", status: "list", set: "tag", number: "number", boolean: "checked", date: "calendar",
  date_time: "calendar", person: "person", group: "people", reference: "link",
};

const KIND_WORDS: Record<FieldKind, string> = {
  line: "Line of text", text: "Text", rich: "Formatted text", choice: "List", status: "Status", set: "Tags", number: "Number", boolean: "Yes or no",
  date: "Date", date_time: "Date and time", person: "Person", group: "Group", reference: "Reference",
};

/** What a field holds, in a few words. */
export function kindText(field: FieldSchema, values: number): string {
  if (field.read_only !== null) return field.read_only;
  if (values > 0) return `${KIND_WORDS[field.kind]}, ${plural(values, "value")}`;
  return field.chars_max === null ? KIND_WORDS[field.kind] : `${KIND_WORDS[field.kind]}, up to ${count(field.chars_max)}`;
}

/** What a row does, as its rule cell says it. */
export function ruleText(row: FieldMapping): string {
  const when = row.write === undefined || row.write === "always" ? "" : row.write === "on_create" ? ", on create" : ", by status";
  return `${ruleAlone(row)}${when}`;
}

function ruleAlone({ rule }: FieldMapping): string {
  switch (rule.kind) {
    case "values":
      return `Values, ${plural(rule.pair.length, "pair")}`;
    case "matrix":
      return `Matrix, ${plural(rule.cell.length, "cell")}`;
    case "description":
      return `Builder, ${plural(rule.line.length + 1, "line")}`;
    default:
      return RULES[rule.kind];
  }
}

export function rowName(row: FieldMapping, offers: Offers): string {
  const [source, target] = [offers.source.labels(fieldsOf(row, "source")), offers.target.labels(fieldsOf(row, "target"))];
  return source === "" ? target : target === "" ? source : `${source} and ${target}`;
}

/** One value as an option: "On Hold, 41 tickets, paired with Waiting for customer both ways, error". */
export function valueName(label: string, tickets: number | null, pairs: { partner: string; direction: Direction }[], trouble: string | null): string {
  const held = tickets === null ? "" : `, ${plural(tickets, "ticket")}`;
  const ways: Record<Direction, string> = { "<->": "both ways", "->": "one way to it", "<-": "one way from it" };
  const partners = pairs.map((pair) => `${pair.partner} ${ways[pair.direction]}`).join(" and ");
  return `${label}${held}, ${partners === "" ? "unpaired" : `paired with ${partners}`}${trouble === null ? "" : `, ${trouble}`}`;
}

/** Seen from the other side, a direction points the other way. */
export function seenFrom(side: "source" | "target", pair: ValuePair): Direction {
  const direction = directionOf(pair);
  if (side === "source" || direction === "<->") return direction;
  return direction === "->" ? "<-" : "->";
}

/** "State: On Hold" where a pair is meant, else the row, else the part of the mapping. */
export function whereOf(problem: FoundProblem, types: TypeMapping[], offers: Offers): string {
  const { place } = problem;
  const mapping = types.find((type) => type.name === place.type_mapping);
  if (place.part !== "field") return problem.place_label.replace(`${place.type_mapping} › `, "");
  const row = mapping?.field[place.index];
  const pair = row === undefined || place.pair === undefined ? undefined : pairsOf(row)[place.pair];
  if (row !== undefined && problem.about !== undefined) return aboutText(row, problem.about, offers);
  if (row === undefined || pair === undefined) return place.label;
  const about = problem.code.startsWith("status_") || problem.code.startsWith("need_") ? "target" : "source";
  const side = about === "target" && directionOf(pair) === "<-" ? "source" : about;
  const [field = ""] = fieldsOf(row, side);
  return `${offers[side].label(field)}: ${offers[side].valueLabel(field, pair[side])}`;
}

/** "State: Canceled", of several the first and how many more. */
function aboutText(row: FieldMapping, { side, values }: About, offers: Offers): string {
  const [field = ""] = fieldsOf(row, side);
  const [first = "", ...more] = values;
  return `${offers[side].label(field)}: ${offers[side].valueLabel(field, first)}${more.length === 0 ? "" : ` and ${count(more.length)} more`}`;
}
