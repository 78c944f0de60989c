// Templates as plain values: added, doubled, named, moved, removed, for the side they make tickets on.
import type { Filter } from "../../../api/generated/Filter";
import type { NoMatch } from "../../../api/generated/NoMatch";
import type { Side } from "../../../api/generated/Side";
import type { Template } from "../../../api/generated/Template";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { fresh, moved, withKey } from "../editing/parts";

export type TemplateEdit =
  | { do: "add"; name: string }
  | { do: "double"; at: number }
  | { do: "remove"; at: number }
  | { do: "move"; from: number; to: number }
  | { do: "rename"; at: number; name: string }
  | { do: "when"; at: number; when: Filter }
  | { do: "set"; at: number; field: string; value: string | null }
  | { do: "refield"; at: number; field: string; to: string }
  | { do: "container"; at: number; container: string };

export function templatesOf(mapping: TypeMapping, to: Side): Template[] {
  return (to === "target" ? mapping.template : mapping.source_template) ?? [];
}

/** Whether new tickets are created on a side at all. */
export function createsOn(mapping: TypeMapping, to: Side): boolean {
  return to === "target" || mapping.target_tickets === true;
}

export function withTemplate(mapping: TypeMapping, to: Side, edit: TemplateEdit): TypeMapping {
  const before = templatesOf(mapping, to);
  const after = changed(before, edit);
  const next = withKey(mapping, to === "target" ? "template" : "source_template", after.length === 0 ? undefined : after);
  const old = edit.do === "rename" ? before[edit.at]?.name : undefined;
  // What no template catches keeps its template under the new name.
  if (edit.do === "rename" && typeof next.no_match === "object" && next.no_match.use === old) return { ...next, no_match: { use: edit.name } };
  return next;
}

function changed(list: Template[], edit: TemplateEdit): Template[] {
  const names = list.map((template) => template.name);
  if (edit.do === "add") return [...list, { name: fresh(edit.name, names) }];
  if (edit.do === "move") return moved(list, edit.from, edit.to);
  const one = list[edit.at];
  if (one === undefined) return list;
  switch (edit.do) {
    case "double":
      return list.toSpliced(edit.at + 1, 0, { ...structuredClone(one), name: fresh(`${one.name} copy`, names) });
    case "remove":
      return list.toSpliced(edit.at, 1);
    case "rename":
      return list.with(edit.at, { ...one, name: edit.name });
    case "when":
      return list.with(edit.at, withKey(one, "when", edit.when, {}));
    case "set":
      return list.with(edit.at, withKey(one, "set", withValue(one.set ?? {}, edit.field, edit.value), {}));
    case "refield":
      return list.with(edit.at, { ...one, set: Object.fromEntries(Object.entries(one.set ?? {}).map(([field, value]) => (field === edit.field ? [edit.to, ""] : [field, value]))) });
    case "container":
      return list.with(edit.at, withKey(one, "container", edit.container === "" ? undefined : edit.container));
  }
}

function withValue(set: Record<string, string>, field: string, value: string | null): Record<string, string> {
  return value === null ? Object.fromEntries(Object.entries(set).filter(([name]) => name !== field)) : { ...set, [field]: value };
}

export function withNoMatch(mapping: TypeMapping, noMatch: NoMatch): TypeMapping {
  return withKey(mapping, "no_match", noMatch, "do_not_create");
}

/** Why a name cannot stand; null where it can. */
export function nameTrouble(name: string, others: string[]): string | null {
  if (name.trim() === "") return "A name is needed.";
  return others.includes(name.trim()) ? "Another template has this name." : null;
}
