// A made-up trial: enough of the planner for tests and pictures. What it answers follows from the mapping and the ticket, so
// that an edit shows at once. It asks nobody.
import type { FieldIds } from "./generated/FieldIds";
import type { FieldMapping } from "./generated/FieldMapping";
import type { Otherwise } from "./generated/Otherwise";
import type { Pair } from "./generated/Pair";
import type { Rule } from "./generated/Rule";
import type { SampleView } from "./generated/SampleView";
import type { SchemaView } from "./generated/SchemaView";
import type { Side } from "./generated/Side";
import type { Trial } from "./generated/Trial";
import type { TrialRow } from "./generated/TrialRow";
import type { TypeMapping } from "./generated/TypeMapping";

interface Known {
  /** Fields of the target that were changed on both sides. */
  both: string[];
  /** What a description row builds. */
  built: (row: FieldMapping) => string;
}

type Carried = { value: string } | { undecided: string } | { leave: true };

function list(ids: FieldIds | undefined): string[] {
  return ids === undefined ? [] : typeof ids === "string" ? [ids] : ids;
}

export function tried(mapping: TypeMapping, sample: SampleView, schemas: Pair<SchemaView | null>, known: Known): Trial {
  const from = sample.side;
  const to = from === "source" ? "target" : "source";
  const desk = new Desk(sample, schemas, known);
  const conflicts: string[] = [];
  const rows = mapping.field.flatMap((row, field): TrialRow[] => {
    if (row.direction === (to === "target" ? "<-" : "->")) return [];
    const shown = desk.row(row, field, from, to);
    if (row.direction === "<->" && list(row.target).some((id) => known.both.includes(id)) && shown.state === "changes" && (row.on_conflict ?? "ask") === "ask") {
      conflicts.push(shown.label);
      return [{ ...shown, state: "stays", reason: "changed on both sides" }];
    }
    return [shown];
  });
  const status = (row: TrialRow) => list(mapping.field[row.field]?.[to]).some((id) => id === schemas[to]?.status_field);
  const written = rows.filter((row) => row.state === "changes");
  const steps = sample.partner === null ? 0 : written.filter(status).length;
  return {
    from, key: sample.key, title: sample.title, partner: sample.partner, rows, conflicts, notices: notices(rows, mapping, to),
    ...sum(sample.partner === null, written.length - steps, steps), read_ms: sample.read_ms,
  };
}

function notices(rows: TrialRow[], mapping: TypeMapping, to: Side): Trial["notices"] {
  const nobody = rows.find((row) => row.state === "changes" && row.reason.startsWith("nobody matches"));
  if (nobody === undefined || mapping.field[nobody.field]?.rule.kind !== "person") return [];
  return [{ message: `${nobody.label}: nobody in ${to === "target" ? "Jira" : "ServiceNow"} has this address, so ${nobody.after ?? "nobody"} is set`, remedy: "Pair the two people in Setup.", needs_person: false }];
}

/** What would be sent, as the app words it. */
function sum(creates: boolean, fields: number, steps: number): Pick<Trial, "sentence" | "customer_sees"> {
  const calls = creates ? 1 : (fields > 0 ? 1 : 0) + steps;
  if (calls === 0) return { sentence: "Would send nothing.", customer_sees: false };
  const many = (count: number, one: string, more: string) => (count === 0 ? [] : [count === 1 ? one : `${count} ${more}`]);
  const parts = creates ? ["a new ticket"] : [...(fields === 0 ? [] : [fields === 1 ? "edit of 1 field" : `edit of ${fields} fields`]), ...many(steps, "1 status step", "status steps")];
  const sees = creates || steps > 0;
  return { sentence: `Would send ${calls} ${calls === 1 ? "call" : "calls"}: ${parts.join(", ")}. ${sees ? "A customer sees it." : "No customer sees it."}`, customer_sees: sees };
}

class Desk {
  constructor(private readonly sample: SampleView, private readonly schemas: Pair<SchemaView | null>, private readonly known: Known) {}

  row(row: FieldMapping, field: number, from: Side, to: Side): TrialRow {
    const target = list(row[to]);
    const [first = ""] = target;
    const linked = this.sample.partner !== null;
    const before = linked ? target.map((id) => this.sample.values[to][id] ?? "").join(", ") : "";
    const shown = { field, label: this.labels(to, target), before };
    const carried = this.carry(row, from, to, first);
    if ("undecided" in carried) return { ...shown, after: null, state: "undecided", reason: carried.undecided };
    if ("leave" in carried) return { ...shown, after: null, state: "stays", reason: "everything else is left as it is" };
    const after = carried.value;
    const reason = this.reason(row, from);
    if (after === before) return { ...shown, after, state: "same", reason };
    if (linked && row.write === "on_create") return { ...shown, after, state: "stays", reason: "written only on create" };
    return { ...shown, after, state: "changes", reason };
  }

  private labels(side: Side, ids: string[]): string {
    return ids.map((id) => this.schemas[side]?.fields.find((each) => each.id === id)?.label ?? id).join(" and ");
  }

  private options(side: Side, field: string) {
    const schema = this.schemas[side];
    return schema?.status_field === field ? schema.statuses : (schema?.fields.find((each) => each.id === field)?.options ?? []);
  }

  private named(side: Side, field: string, id: string): string {
    return this.options(side, field).find((each) => each.id === id)?.label ?? id;
  }

  /** A value of the ticket, as its id where it is one of a list. */
  private id(side: Side, field: string): string {
    const text = this.sample.values[side][field] ?? "";
    return this.options(side, field).find((each) => each.label === text)?.id ?? text;
  }

  private reason(row: FieldMapping, from: Side): string {
    const names = this.labels(from, list(row[from]));
    switch (row.rule.kind) {
      case "constant":
        return "a fixed value";
      case "text":
        return "a text built from the ticket";
      case "description":
        return "the description builder";
      case "person":
        return (this.sample.values[from][list(row[from])[0] ?? ""] ?? "") === "" && row.rule.fallback !== undefined ? `nobody matches ${names}` : `from ${names}`;
      default:
        return `from ${names}`;
    }
  }

  private carry(row: FieldMapping, from: Side, to: Side, first: string): Carried {
    const { rule } = row;
    const [given = ""] = list(row[from]);
    const text = this.sample.values[from][given] ?? "";
    switch (rule.kind) {
      case "copy":
        return { value: text };
      case "person":
        return { value: text === "" ? (rule.fallback ?? "") : text };
      case "constant":
        return { value: this.named(to, first, rule.value) };
      case "text":
        return { value: rule.template.replace(/\{(\w+)\}/g, (_, name: string) => (name === "key" ? this.sample.key : (this.sample.values[from][name] ?? ""))) };
      case "description":
        return { value: this.known.built(row) };
      case "matrix": {
        const ids = list(row.source).map((field) => this.id("source", field));
        const cell = rule.cell.find((each) => each.when.every((id, at) => id === ids[at]));
        if (cell !== undefined) return { value: this.named(to, first, cell.then) };
        return this.otherwise(rule.otherwise, list(row.source).map((field) => this.sample.values.source[field] ?? "").join(", "), to, first);
      }
      case "values":
        return this.paired(rule, row, from, to, { given, first, text });
    }
  }

  private paired(rule: Rule & { kind: "values" }, row: FieldMapping, from: Side, to: Side, { given, first, text }: { given: string; first: string; text: string }): Carried {
    if (text === "") return { value: "" };
    const id = this.id(from, given);
    const back = to === "target" ? "<-" : "->";
    const partners = rule.pair.filter((pair) => pair[from] === id && (pair.direction ?? "<->") !== back);
    const bothWays = partners.filter((pair) => (pair.direction ?? "<->") === "<->");
    if (row.direction === "<->" && bothWays.length > 1) {
      const names = bothWays.map((pair) => this.named(to, first, pair[to]));
      return { undecided: `${text} is paired both ways with ${names.join(" and ")}: which one it becomes is not decided` };
    }
    const partner = partners[0];
    if (partner !== undefined) return { value: this.named(to, first, partner[to]) };
    return this.otherwise(to === "target" ? rule.otherwise : rule.otherwise_back, text, to, first);
  }

  private otherwise(otherwise: Otherwise, text: string, to: Side, field: string): Carried {
    if (otherwise === "leave") return { leave: true };
    if (otherwise === "ask") return { undecided: `${text} has no pair: such a ticket waits for a person` };
    return { value: this.named(to, field, otherwise.use) };
  }
}
