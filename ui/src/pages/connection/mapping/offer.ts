// What one side offers, asked by name: labels, values, what a status change needs. Without a schema it answers with the ids.
import type { FieldOption } from "../../../api/generated/FieldOption";
import type { FieldSchema } from "../../../api/generated/FieldSchema";
import type { OfferedSide } from "../../../api/generated/OfferedSide";
import type { SchemaView } from "../../../api/generated/SchemaView";
import type { Side } from "../../../api/generated/Side";
import type { SideView } from "../../../api/generated/SideView";
import type { StepField } from "../../../api/generated/StepField";

export interface Offer {
  side: Side;
  view: SideView;
  schema: SchemaView | null;
  field: (id: string) => FieldSchema | undefined;
  label: (id: string) => string;
  labels: (ids: string[]) => string;
  values: (field: string) => FieldOption[];
  valueLabel: (field: string, value: string) => string;
  isStatus: (field: string) => boolean;
}

export interface Offers {
  source: Offer;
  target: Offer;
}

const NO_VALUES: FieldOption[] = [];

export function offerOf(side: Side, view: SideView, offered: OfferedSide | null): Offer {
  const schema = offered?.schema ?? null;
  const fields = new Map(schema?.fields.map((field) => [field.id, field]));
  const statuses = schema?.statuses.map(({ id, label }) => ({ id, label })) ?? NO_VALUES;
  const isStatus = (field: string) => schema?.status_field === field;
  const values = (field: string) => (isStatus(field) && statuses.length > 0 ? statuses : (fields.get(field)?.options ?? NO_VALUES));
  const named = new Map<string, Map<string, string>>();
  const valueLabel = (field: string, value: string) => {
    const known = named.get(field) ?? new Map(values(field).map((option) => [option.id, option.label]));
    named.set(field, known);
    return known.get(value) ?? value;
  };
  const label = (id: string) => fields.get(id)?.label ?? id;
  return { side, view, schema, field: (id) => fields.get(id), label, labels: (ids) => ids.map(label).join(" + "), values, valueLabel, isStatus };
}

export interface NeededField extends StepField {
  /** The steps that ask for it, by name. */
  steps: string[];
}

/** The fields that steps to a status ask for; required where any step requires it. */
export function neededFor(offer: Offer, status: string): NeededField[] {
  const found = new Map<string, NeededField>();
  for (const step of offer.schema?.steps ?? []) {
    if (step.to !== status) continue;
    for (const field of step.fields) {
      const known = found.get(field.id);
      const steps = [...new Set([...(known?.steps ?? []), step.label])];
      found.set(field.id, { ...(known ?? field), required: field.required || (known?.required ?? false), steps });
    }
  }
  return [...found.values()];
}

const STEPS_MAX = 3;

/** Statuses tickets have now from which no way of three steps leads to a status. */
export function noWayFrom(offer: Offer, status: string, holds: (value: string) => boolean): string[] {
  const { schema } = offer;
  if (schema === null || schema.free) return [];
  const before = new Map<string, string[]>();
  for (const step of schema.steps) before.set(step.to, [...(before.get(step.to) ?? []), step.from]);
  let reached = new Set([status]);
  for (let hop = 0; hop < STEPS_MAX; hop += 1) reached = new Set([...reached, ...[...reached].flatMap((to) => before.get(to) ?? [])]);
  return schema.statuses.filter((from) => !reached.has(from.id) && holds(from.id)).map((from) => from.label);
}
