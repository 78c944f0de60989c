// Conditions as plain values: added, changed, removed, joined by All or Any, and told as a sentence.
import type { Condition } from "../../../api/generated/Condition";
import type { FieldOption } from "../../../api/generated/FieldOption";
import type { FieldSchema } from "../../../api/generated/FieldSchema";
import type { Filter } from "../../../api/generated/Filter";
import type { Operator } from "../../../api/generated/Operator";
import { withKey } from "./parts";

export type Group = "all" | "any";

export const OPERATORS: Record<Operator, string> = { is: "is", is_not: "is not", contains: "contains", empty: "is empty", not_empty: "is not empty" };

export function conditionsOf(filter: Filter | undefined, group: Group): Condition[] {
  return filter?.[group] ?? [];
}

export function conditionCount(filter: Filter | undefined): number {
  return conditionsOf(filter, "all").length + conditionsOf(filter, "any").length;
}

export function withConditions(filter: Filter | undefined, group: Group, conditions: Condition[]): Filter {
  return withKey(filter ?? {}, group, conditions.length === 0 ? undefined : conditions);
}

/** All of one group into the other. */
export function joinedBy(filter: Filter | undefined, group: Group): Filter {
  const conditions = [...conditionsOf(filter, "all"), ...conditionsOf(filter, "any")];
  return conditions.length === 0 ? {} : { [group]: conditions };
}

export function needsValue(operator: Operator): boolean {
  return operator !== "empty" && operator !== "not_empty";
}

/** Fields that hold one of a list are compared whole, texts also in part. */
export function operatorsOf(field: FieldSchema | null): Operator[] {
  const whole = field === null || !["choice", "status", "person", "group", "reference", "boolean"].includes(field.kind);
  return whole ? ["is", "is_not", "contains", "empty", "not_empty"] : ["is", "is_not", "empty", "not_empty"];
}

export function withField(condition: Condition, field: FieldSchema): Condition {
  const operator = operatorsOf(field).includes(condition.operator) ? condition.operator : "is";
  return condition.field === field.id ? condition : { field: field.id, operator, ...(needsValue(operator) ? { values: [] } : {}) };
}

export function withOperator(condition: Condition, operator: Operator): Condition {
  return withKey({ ...condition, operator }, "values", needsValue(operator) ? (condition.values ?? []) : undefined);
}

/** A condition that lacks the value it compares with. */
export function unfinished(condition: Condition): boolean {
  return condition.field === "" || (needsValue(condition.operator) && (condition.values ?? []).length === 0);
}

interface Words {
  label: (field: string) => string;
  values: (field: string) => FieldOption[];
}

export function conditionText(condition: Condition, words: Words): string {
  const options = words.values(condition.field);
  const values = (condition.values ?? []).map((value) => options.find((option) => option.id === value)?.label ?? value);
  const what = `${words.label(condition.field)} ${OPERATORS[condition.operator]}`;
  if (!needsValue(condition.operator)) return what;
  return `${what} ${values.length === 0 ? "…" : values.join(" or ")}`;
}

/** "Severity is Critical and Team is Security"; null where every ticket passes. */
export function filterText(filter: Filter | undefined, words: Words): string | null {
  const all = conditionsOf(filter, "all").map((condition) => conditionText(condition, words));
  const any = conditionsOf(filter, "any").map((condition) => conditionText(condition, words));
  if (all.length === 0 && any.length === 0) return null;
  const alternatives = any.length > 1 && all.length > 0 ? `(${any.join(" or ")})` : any.join(" or ");
  return [...all, ...(any.length === 0 ? [] : [alternatives])].join(" and ");
}
