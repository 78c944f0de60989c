import { describe, expect, it } from "vitest";
import type { Template } from "../../../api/generated/Template";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { nameTrouble, type TemplateEdit, templatesOf, withNoMatch, withTemplate } from "./edits";

const A: Template = { name: "A", when: { all: [{ field: "severity", operator: "is", values: ["1"] }] }, set: { priority: "1" } };
const B: Template = { name: "B" };
const type: TypeMapping = { name: "Incident", source: { container: "", ticket_type: "incident" }, target: { container: "CSD", ticket_type: "1" }, field: [], template: [A, B], no_match: { use: "B" } };

describe("templates", () => {
  it.each<[TemplateEdit, Template[]]>([
    [{ do: "add", name: "B" }, [A, B, { name: "B 2" }]],
    [{ do: "double", at: 0 }, [A, { ...A, name: "A copy" }, B]],
    [{ do: "remove", at: 1 }, [A]],
    [{ do: "move", from: 1, to: 0 }, [B, A]],
    [{ do: "rename", at: 0, name: "Critical" }, [{ ...A, name: "Critical" }, B]],
    [{ do: "when", at: 0, when: {} }, [{ name: "A", set: { priority: "1" } }, B]],
    [{ do: "set", at: 1, field: "labels", value: "ops" }, [A, { name: "B", set: { labels: "ops" } }]],
    [{ do: "set", at: 0, field: "priority", value: null }, [{ name: "A", when: A.when ?? {} }, B]],
    [{ do: "refield", at: 0, field: "priority", to: "labels" }, [{ ...A, set: { labels: "" } }, B]],
    [{ do: "container", at: 1, container: "SEC" }, [A, { name: "B", container: "SEC" }]],
    [{ do: "container", at: 1, container: "" }, [A, B]],
    [{ do: "remove", at: 9 }, [A, B]],
  ])("%j", (edit, expected) => {
    expect(templatesOf(withTemplate(type, "target", edit), "target")).toEqual(expected);
  });

  it("takes the fallback along when its template is renamed", () => {
    expect(withTemplate(type, "target", { do: "rename", at: 1, name: "Other" }).no_match).toEqual({ use: "Other" });
  });
  it("keeps the two directions apart", () => {
    const next = withTemplate(type, "source", { do: "add", name: "From the desk" });
    expect([next.source_template, next.template]).toEqual([[{ name: "From the desk" }], [A, B]]);
  });
  it("writes no default down", () => {
    expect("no_match" in withNoMatch(type, "do_not_create")).toBe(false);
    expect("template" in withTemplate({ ...type, template: [B] }, "target", { do: "remove", at: 0 })).toBe(false);
  });
  it.each([["", "A name is needed."], ["B", "Another template has this name."], ["C", null]])("judges the name %j", (name, trouble) => {
    expect(nameTrouble(name, ["B"])).toBe(trouble);
  });
});
