// Rows of another connection's mapping brought into this one: those that are missing, or all of them in place of these.
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { keyOf } from "../editing/rows";

export type Copying = "missing" | "all";

export function copied(into: TypeMapping, from: TypeMapping, how: Copying): TypeMapping {
  if (how === "all") return { ...into, field: from.field };
  const known = new Set(into.field.map(keyOf));
  return { ...into, field: [...into.field, ...from.field.filter((row) => !known.has(keyOf(row)))] };
}
