// Which fields can meet, and why not; and the row that drawing two of them together begins with.
import type { FieldKind } from "../../../api/generated/FieldKind";
import type { FieldMapping } from "../../../api/generated/FieldMapping";
import type { FieldSchema } from "../../../api/generated/FieldSchema";
import type { Rule } from "../../../api/generated/Rule";
import type { ValuePair } from "../../../api/generated/ValuePair";
import { withFields } from "../editing/rows";
import type { Offers } from "./offer";

const NAMES: Record<FieldKind, string> = {
  line: "text", text: "text", rich: "text", choice: "a list", status: "a status", set: "tags", number: "a number", boolean: "yes or no",
  date: "a date", date_time: "a time", person: "a person", group: "a group", reference: "a reference",
};

const TEXTS = new Set<FieldKind>(["line", "text", "rich"]);
const LISTS = new Set<FieldKind>(["choice", "status", "set", "group", "reference", "boolean"]);
const MOMENTS = new Set<FieldKind>(["date", "date_time"]);

function goesInto(from: FieldKind, to: FieldKind): boolean {
  if (from === to || TEXTS.has(to)) return true;
  return [LISTS, MOMENTS].some((family) => family.has(from) && family.has(to));
}

/** Why two fields cannot meet; nothing where they can. From source to target, or back where the target cannot be written. */
export function misfit(source: FieldSchema, target: FieldSchema): string | null {
  if (target.read_only === null) return goesInto(source.kind, target.kind) ? null : `${NAMES[source.kind]} cannot go into ${NAMES[target.kind]}`;
  if (source.read_only !== null) return `cannot be written: ${target.read_only}`;
  return goesInto(target.kind, source.kind) ? null : `${NAMES[target.kind]} cannot go into ${NAMES[source.kind]}`;
}

export function plainName(label: string): string {
  const letters = label.toLowerCase().replace(/^[\d\s\-–.)]+/, "").replace(/[^\p{L}\p{N}]+/gu, "");
  return letters === "" ? label.toLowerCase() : letters;
}

function namesakes(offers: Offers, source: string, target: string): ValuePair[] {
  const free = new Map(offers.target.values(target).map((value) => [plainName(value.label), value.id]));
  return offers.source.values(source).flatMap((value) => {
    const partner = free.get(plainName(value.label));
    if (partner === undefined) return [];
    free.delete(plainName(value.label));
    return [{ source: value.id, target: partner }];
  });
}

/** The rule two fields begin with. */
export function firstRule(offers: Offers, source: string, target: string): Rule {
  const [from, to] = [offers.source.field(source)?.kind, offers.target.field(target)?.kind];
  if (from === "person" && to === "person") return { kind: "person" };
  if (from !== undefined && to !== undefined && LISTS.has(from) && LISTS.has(to)) {
    return { kind: "values", pair: namesakes(offers, source, target), otherwise: "ask", otherwise_back: "ask" };
  }
  return { kind: "copy" };
}

/** The row that two fields drawn together become. */
export function firstRow(offers: Offers, source: string, target: string): FieldMapping {
  const [from, to] = [offers.source.field(source), offers.target.field(target)];
  const there = from === undefined || to === undefined || goesInto(from.kind, to.kind);
  const back = from === undefined || to === undefined || goesInto(to.kind, from.kind);
  const [writeTarget, writeSource] = [there && to?.read_only == null, back && from?.read_only == null];
  const direction = writeTarget && writeSource ? "<->" : writeSource ? "<-" : "->";
  const row: FieldMapping = { direction, rule: firstRule(offers, source, target) };
  return withFields(withFields(row, "source", [source]), "target", [target]);
}
