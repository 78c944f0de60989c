// The lines of the description builder as plain values: added, named, moved, removed, and where a builder can stand.
import type { DescriptionLayout } from "../../../api/generated/DescriptionLayout";
import type { DescriptionLine } from "../../../api/generated/DescriptionLine";
import type { FieldMapping } from "../../../api/generated/FieldMapping";
import type { FieldSchema } from "../../../api/generated/FieldSchema";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import type { WhenEmpty } from "../../../api/generated/WhenEmpty";
import { withKey } from "../editing/parts";

export interface Builder {
  /** Position of its row in the mapping. */
  at: number;
  row: FieldMapping;
  layout: DescriptionLayout;
}

export function builderOf(mapping: TypeMapping): Builder | null {
  for (const [at, row] of mapping.field.entries()) {
    if (row.rule.kind === "description") return { at, row, layout: { line: row.rule.line, original: row.rule.original } };
  }
  return null;
}

export type LayoutEdit =
  | { do: "add"; line: DescriptionLine }
  | { do: "label"; at: number; label: string }
  | { do: "field"; at: number; field: string; label: string }
  | { do: "empty"; at: number; empty: WhenEmpty }
  | { do: "move"; from: number; to: number }
  | { do: "remove"; at: number };

export function laidOut(layout: DescriptionLayout, edit: LayoutEdit): DescriptionLayout {
  return { ...layout, line: lines(layout.line, edit) };
}

function lines(line: DescriptionLine[], edit: LayoutEdit): DescriptionLine[] {
  if (edit.do === "add") return [...line, edit.line];
  const one = line[edit.do === "move" ? edit.from : edit.at];
  if (one === undefined) return line;
  switch (edit.do) {
    case "label":
      return line.with(edit.at, { ...one, label: edit.label });
    case "field":
      return line.with(edit.at, { ...one, field: edit.field, label: edit.label });
    case "empty":
      return line.with(edit.at, withKey(one, "when_empty", edit.empty, "leave_out"));
    case "move":
      return line.toSpliced(edit.from, 1).toSpliced(edit.to, 0, one);
    case "remove":
      return line.toSpliced(edit.at, 1);
  }
}

export function withLayout(mapping: TypeMapping, at: number, layout: DescriptionLayout): TypeMapping {
  const row = mapping.field[at];
  return row === undefined ? mapping : { ...mapping, field: mapping.field.with(at, { ...row, rule: { kind: "description", ...layout } }) };
}

/** The field that looks like the description: named so, and wide enough for it. */
export function descriptionField(fields: readonly FieldSchema[], writable: boolean): FieldSchema | null {
  const wide = fields.filter((field) => (field.kind === "rich" || field.kind === "text") && (!writable || field.read_only === null));
  const named = (field: FieldSchema) => /^description$/i.test(field.id) || /^description$/i.test(field.label);
  return wide.find(named) ?? wide.find((field) => /descri/i.test(field.label)) ?? (writable ? (wide[0] ?? null) : null);
}

/** A builder row; where a row writes that field already, its place is taken, for two would write one field. */
export function withBuilder(mapping: TypeMapping, original: string, target: string): TypeMapping {
  const row: FieldMapping = { source: original, target, direction: "->", rule: { kind: "description", line: [], original } };
  const at = mapping.field.findIndex((each) => each.target === target && each.direction !== "<-");
  return { ...mapping, field: at === -1 ? [...mapping.field, row] : mapping.field.with(at, row) };
}
