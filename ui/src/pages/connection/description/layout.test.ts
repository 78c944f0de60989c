import { describe, expect, it } from "vitest";
import type { DescriptionLine } from "../../../api/generated/DescriptionLine";
import type { FieldMapping } from "../../../api/generated/FieldMapping";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { builderOf, laidOut, type LayoutEdit, withBuilder } from "./layout";

const A: DescriptionLine = { label: "A", field: "a" };
const B: DescriptionLine = { label: "B", field: "b" };
const C: DescriptionLine = { label: "C", field: "c", when_empty: { show: "none" } };

describe("lines", () => {
  it.each<[LayoutEdit, DescriptionLine[]]>([
    [{ do: "add", line: { label: "text" } }, [A, B, C, { label: "text" }]],
    [{ do: "label", at: 1, label: "Bee" }, [A, { ...B, label: "Bee" }, C]],
    [{ do: "field", at: 0, field: "z", label: "Z" }, [{ label: "Z", field: "z" }, B, C]],
    [{ do: "empty", at: 0, empty: { show: "?" } }, [{ ...A, when_empty: { show: "?" } }, B, C]],
    [{ do: "empty", at: 2, empty: "leave_out" }, [A, B, { label: "C", field: "c" }]],
    [{ do: "move", from: 0, to: 2 }, [B, C, A]],
    [{ do: "move", from: 2, to: 0 }, [C, A, B]],
    [{ do: "remove", at: 1 }, [A, C]],
    [{ do: "remove", at: 7 }, [A, B, C]],
  ])("%j", (edit, expected) => {
    expect(laidOut({ original: "description", line: [A, B, C] }, edit).line).toEqual(expected);
  });
});

describe("a builder", () => {
  const type = (field: FieldMapping[]): TypeMapping => ({ name: "Incident", source: { container: "", ticket_type: "incident" }, target: { container: "CSD", ticket_type: "1" }, field });
  it("takes the place of the row that writes its field", () => {
    const mapping = withBuilder(type([{ source: "short_description", target: "summary", direction: "<->", rule: { kind: "copy" } }, { source: "description", target: "description", direction: "<->", rule: { kind: "copy" } }]), "description", "description");
    expect(mapping.field).toHaveLength(2);
    expect(builderOf(mapping)).toMatchObject({ at: 1, layout: { original: "description", line: [] } });
  });
  it("leaves alone what only reads that field, and stands last", () => {
    const mapping = withBuilder(type([{ source: "description", target: "description", direction: "<-", rule: { kind: "copy" } }]), "description", "description");
    expect(builderOf(mapping)?.at).toBe(1);
  });
});
