// Reads and spells the rows of a mapping: fields as lists, defaults left out, so that an untouched part stays as it was.
import type { ConnectionDoc } from "../../../api/generated/ConnectionDoc";
import type { Direction } from "../../../api/generated/Direction";
import type { FieldIds } from "../../../api/generated/FieldIds";
import type { FieldMapping } from "../../../api/generated/FieldMapping";
import type { Side } from "../../../api/generated/Side";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import type { ValuePair } from "../../../api/generated/ValuePair";
import { withKey } from "./parts";

/** One name or a list of names, as a list. */
export function fieldList(ids: FieldIds | undefined): string[] {
  if (ids === undefined) return [];
  return typeof ids === "string" ? [ids] : ids;
}

export function fieldsOf(mapping: FieldMapping, side: Side): string[] {
  return fieldList(mapping[side]);
}

/** The key the app keeps a row under, and problems name it by. */
export function keyOf(mapping: FieldMapping): string {
  return `${fieldsOf(mapping, "source").join("+")}=${fieldsOf(mapping, "target").join("+")}`;
}

export function typesOf(document: ConnectionDoc): TypeMapping[] {
  return document.type ?? [];
}

export function pairsOf(mapping: FieldMapping): ValuePair[] {
  return mapping.rule.kind === "values" ? mapping.rule.pair : [];
}

export function directionOf(pair: ValuePair): Direction {
  return pair.direction ?? "<->";
}

export function writes(direction: Direction, side: Side): boolean {
  return direction === "<->" || direction === (side === "target" ? "->" : "<-");
}

/** The next direction when somebody turns one. */
export function turned(direction: Direction): Direction {
  return direction === "<->" ? "->" : direction === "->" ? "<-" : "<->";
}

export function withFields(mapping: FieldMapping, side: Side, fields: string[]): FieldMapping {
  const [first] = fields;
  return withKey(mapping, side, first === undefined ? undefined : fields.length === 1 ? first : fields);
}
