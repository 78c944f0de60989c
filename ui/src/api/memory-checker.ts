// A made-up checker: enough of the real one for tests and pictures. It asks nobody and knows the made-up counts.
import type { ConnectionDoc } from "./generated/ConnectionDoc";
import type { Counted } from "./generated/Counted";
import type { FieldMapping } from "./generated/FieldMapping";
import type { FoundProblem } from "./generated/FoundProblem";
import type { OfferedSide } from "./generated/OfferedSide";
import type { Pair } from "./generated/Pair";
import type { Side } from "./generated/Side";
import type { TypeMapping } from "./generated/TypeMapping";
import type { ValuePair } from "./generated/ValuePair";

const SIDES: Side[] = ["source", "target"];
const RANK = { error: 0, warning: 1, note: 2 };
const STEPS_MAX = 3;

export function checkerOf(offers: Pair<OfferedSide>, counted: Counted): (document: ConnectionDoc) => FoundProblem[] {
  return (document) => {
    const found = (document.type ?? []).flatMap((type) => new Checker(type, offers, counted).problems());
    return found.sort((one, other) => RANK[one.level] - RANK[other.level]);
  };
}

class Checker {
  private found: FoundProblem[] = [];

  constructor(private readonly type: TypeMapping, private readonly offers: Pair<OfferedSide>, private readonly counted: Counted) {}

  problems(): FoundProblem[] {
    this.type.field.forEach((row, index) => {
      if (row.rule.kind !== "values") return;
      this.wayBack(row, index, row.rule.pair);
      this.unreachable(row, index, row.rule.pair);
      this.needs(row, index, row.rule.pair);
      if (row.rule.otherwise === "ask" && row.direction !== "<-") this.unpaired(row, index, row.rule.pair, "source");
      if (row.rule.otherwise_back === "ask" && row.direction !== "->") this.unpaired(row, index, row.rule.pair, "target");
    });
    this.required();
    return this.found;
  }

  private schema(side: Side) {
    return this.offers[side].schema;
  }

  private id(row: FieldMapping, side: Side): string {
    const ids = row[side];
    return typeof ids === "string" ? ids : (ids?.join("+") ?? "");
  }

  private label(side: Side, field: string): string {
    return this.schema(side)?.fields.find((each) => each.id === field)?.label ?? field;
  }

  private values(side: Side, field: string) {
    const schema = this.schema(side);
    if (schema?.status_field === field) return schema.statuses;
    return schema?.fields.find((each) => each.id === field)?.options ?? [];
  }

  private value(side: Side, row: FieldMapping, value: string): string {
    return this.values(side, this.id(row, side)).find((each) => each.id === value)?.label ?? value;
  }

  private add(problem: Pick<FoundProblem, "level" | "code" | "message" | "fix"> & Partial<FoundProblem>, row?: FieldMapping, index = 0, pair?: number) {
    const name = this.type.name;
    const label = row === undefined ? "" : `${this.label("source", this.id(row, "source"))} ↔ ${this.label("target", this.id(row, "target"))}`;
    const key = row === undefined ? "" : `${this.id(row, "source")}=${this.id(row, "target")}`;
    const place: FoundProblem["place"] = row === undefined
      ? { type_mapping: name, part: "whole" }
      : { type_mapping: name, part: "field", index, key, label, ...(pair === undefined ? {} : { pair }) };
    const place_label = [name, label, pair === undefined ? "" : `pair ${pair + 1}`].filter(Boolean).join(" › ");
    this.found.push({ place, place_label, remedies: [], ...problem });
  }

  private wayBack(row: FieldMapping, index: number, pairs: ValuePair[]) {
    if (row.direction !== "<->") return;
    for (const shared of SIDES) {
      const other = shared === "source" ? "target" : "source";
      pairs.forEach((pair, at) => {
        const first = pairs.findIndex((mate) => (mate.direction ?? "<->") === "<->" && mate[shared] === pair[shared]);
        const mate = pairs[first];
        if ((pair.direction ?? "<->") !== "<->" || first === at || mate === undefined) return;
        const [kept, turned, one] = [this.value(other, row, mate[other]), this.value(other, row, pair[other]), this.value(shared, row, pair[shared])];
        const direction = shared === "target" ? "->" : "<-";
        this.add({
          level: "error", code: "way_back_undecided",
          message: `${kept} and ${turned} are both paired both ways with ${one}: which one ${one} becomes is not decided.`,
          fix: `Make all but one of them one-way: ${turned} ${shared === "target" ? "→" : "←"} only.`,
          remedies: [{ label: `Make ${turned} ${shared === "target" ? "→" : "←"} only`, changes: [{ do: "turn_pair", field: index, pair: at, direction }] }],
        }, row, index, at);
      });
    }
  }

  private unreachable(row: FieldMapping, index: number, pairs: ValuePair[]) {
    const schema = this.schema("target");
    if (schema === null || schema.free || schema.status_field !== row.target) return;
    pairs.forEach((pair, at) => {
      if ((pair.direction ?? "<->") === "<-") return;
      const blocked = schema.statuses.filter((from) => this.tickets("target", row, from.id) > 0 && !this.leads(from.id, pair.target));
      if (blocked.length === 0) return;
      const names = blocked.map((from) => from.label).join(" and ");
      this.add({
        level: "warning", code: "status_unreachable",
        message: `Jira has no way from ${names} to ${this.value("target", row, pair.target)}.`,
        fix: "Expect such tickets to be reported, or pair with a status that can be reached from there.",
      }, row, index, at);
    });
  }

  private leads(from: string, to: string): boolean {
    let reached = new Set([from]);
    for (let hop = 0; hop < STEPS_MAX; hop += 1) {
      const next = (this.schema("target")?.steps ?? []).filter((step) => reached.has(step.from)).map((step) => step.to);
      reached = new Set([...reached, ...next]);
    }
    return reached.has(to);
  }

  private tickets(side: Side, row: FieldMapping, value: string): number {
    return this.counted.counts[side][this.id(row, side)]?.[value] ?? 0;
  }

  private needs(row: FieldMapping, index: number, pairs: ValuePair[]) {
    for (const side of SIDES) {
      if (this.schema(side)?.status_field !== row[side]) continue;
      pairs.forEach((pair, at) => {
        if ((pair.direction ?? "<->") === (side === "target" ? "<-" : "->")) return;
        const given = (side === "target" ? pair.target_needs : pair.source_needs) ?? [];
        const asked = (this.schema(side)?.steps ?? []).filter((step) => step.to === pair[side]).flatMap((step) => step.fields);
        const missing = asked.filter((field) => field.required && !given.some((need) => need.field === field.id));
        for (const field of new Map(missing.map((each) => [each.id, each])).values()) {
          const platform = side === "target" ? "Jira" : "ServiceNow";
          this.add({ level: "error", code: "need_missing", message: `${platform} asks for ${field.label} on the way to ${this.value(side, row, pair[side])}.`, fix: "Say where its value comes from." }, row, index, at);
        }
      });
    }
  }

  private unpaired(row: FieldMapping, index: number, pairs: ValuePair[], side: Side) {
    const other = side === "source" ? "target" : "source";
    const backward = side === "source" ? "<-" : "->";
    const carried = (value: string) => pairs.some((pair) => pair[side] === value && (pair.direction ?? "<->") !== backward);
    const missing = this.values(side, this.id(row, side)).filter((value) => !carried(value.id) && this.tickets(side, row, value.id) > 0);
    const partner = this.values(other, this.id(row, other)).find((value) => !pairs.some((pair) => pair[other] === value.id));
    for (const value of missing) {
      const tickets = this.tickets(side, row, value.id);
      const ends = side === "source" ? { source: value.id, target: partner?.id ?? "" } : { source: partner?.id ?? "", target: value.id };
      this.add({
        level: "warning", code: "value_without_pair", about: { side, values: [value.id] },
        message: `${this.label(side, this.id(row, side))} ${value.label} has no pair, and ${tickets} tickets hold it now.`,
        fix: "Pair it, or choose what happens to everything else.",
        remedies: partner === undefined ? [] : [{ label: `Pair ${value.label} with ${partner.label}`, changes: [{ do: "add_pair", field: index, ...ends, direction: "<->" }] }],
      }, row, index);
    }
  }

  private required() {
    const written = new Set(this.type.field.filter((row) => row.direction !== "<-").flatMap((row) => row.target ?? []));
    for (const field of this.schema("target")?.fields ?? []) {
      if (!field.required_on_create || written.has(field.id) || this.type.field.length === 0) continue;
      this.add({ level: "error", code: "required_on_create", message: `Every create in Jira needs ${field.label}, and no row fills it.`, fix: "Map it, or give it a fixed value." });
    }
  }
}
