import { describe, expect, it } from "vitest";
import type { ScopeChoice } from "../api/generated/ScopeChoice";
import { alike, containersOf, inContainer, offerOf, whatOf } from "./scopes";

const offer = (container: string, ticket_type: string, label: string, request_type?: string): ScopeChoice => ({
  scope: { container, ticket_type, ...(request_type === undefined ? {} : { request_type }) }, label, customers_read: false,
});
const JIRA = [offer("10000", "1", "CSD · Incident"), offer("10000", "1", "CSD · Report a fault (request type)", "25"), offer("10001", "1", "OPS · Incident"), offer("10001", "2", "OPS · Change")];
const TABLES = [offer("", "incident", "Incident"), offer("", "problem", "Problem")];

describe("scopes", () => {
  it("are grouped by project, or not at all", () => {
    expect(containersOf(JIRA)).toEqual([{ id: "10000", label: "CSD" }, { id: "10001", label: "OPS" }]);
    expect(containersOf(TABLES)).toEqual([]);
    expect(inContainer(JIRA, "10001").map(whatOf)).toEqual(["Incident", "Change"]);
  });

  it.each<[string, ScopeChoice[], ScopeChoice["scope"], string | null]>([
    ["by ids", JIRA, { container: "10001", ticket_type: "2" }, "OPS · Change"],
    ["by key and name", JIRA, { container: "CSD", ticket_type: "Incident" }, "CSD · Incident"],
    ["with a request type", JIRA, { container: "CSD", ticket_type: "1", request_type: "25" }, "CSD · Report a fault (request type)"],
    ["not with an unknown one", JIRA, { container: "CSD", ticket_type: "1", request_type: "26" }, null],
    ["of a group", TABLES, { container: "8a4d", ticket_type: "incident" }, "Incident"],
    ["of another place", JIRA, { container: "HR", ticket_type: "1" }, null],
  ])("are found %s", (_, offers, scope, label) => expect(offerOf(offers, scope)?.label ?? null).toBe(label));

  it("finds the same kind elsewhere, or the first", () => {
    expect(alike(JIRA, "10001", "Change")?.label).toBe("OPS · Change");
    expect(alike(JIRA, "10000", "Change")?.label).toBe("CSD · Incident");
    expect(alike(JIRA, "10002", "Change")).toBeNull();
  });
});
