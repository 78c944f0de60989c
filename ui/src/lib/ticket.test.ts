import { describe, expect, it } from "vitest";
import type { TicketView } from "../api/generated/TicketView";
import { summary, written } from "./ticket";
import { startedBy, ticketPair } from "./words";

const bare: TicketView = {
  run: 1, ordinal: 0, source: "INC1", target: "CSD-1", title: "t", outcome: "updated", label: "Updated",
  changes: [], done: [], troubles: [], notices: [], waits: null,
};
const change = (side: string, field: string, before = "a", after = "b") => ({ side, field, before, after, reason: "" });

describe("a ticket in one line", () => {
  it.each<[string, Partial<TicketView>]>([
    ["Resolution is required.", { troubles: [{ doing: "status", message: "Resolution is required.", cause: null, remedy: null }], changes: [change("target", "Status")] }],
    ["no pair", { notices: [{ message: "no pair", remedy: null, needs_person: true }] }],
    ["moved meanwhile", { waits: "moved meanwhile" }],
    ["Status: a → b", { changes: [change("target", "Status")] }],
    ["Status: empty → b", { changes: [change("target", "Status", "")] }],
    ["2 fields", { outcome: "created", changes: [change("target", "A"), change("target", "B")] }],
    ["A, B", { changes: [change("target", "A"), change("source", "B")] }],
    ["A, B, C and 2 more", { changes: ["A", "B", "C", "D", "E"].map((field) => change("target", field)) }],
    ["comment copied", { done: ["comment copied"] }],
    ["Both sides agree", {}],
  ])("%s", (line, parts) => {
    expect(summary({ ...bare, ...parts })).toBe(line);
  });

  it("knows where it was written", () => {
    expect(written(bare)).toBeNull();
    expect(written({ ...bare, changes: [change("source", "A")] })).toBe("source");
    expect(written({ ...bare, changes: [change("source", "A"), change("target", "A")] })).toBe("both");
  });
});

describe("words", () => {
  it("draws the arrow of the write", () => {
    expect(ticketPair("INC1", "CSD-1", "target")).toBe("INC1 → CSD-1");
    expect(ticketPair("INC1", "CSD-1", "source")).toBe("INC1 ← CSD-1");
    expect(ticketPair("INC1", "CSD-1", "both")).toBe("INC1 ⇄ CSD-1");
    expect(ticketPair("INC1", "CSD-1", null)).toBe("INC1 · CSD-1");
    expect(ticketPair(null, "CSD-1", "source")).toBe("CSD-1");
    expect(ticketPair(null, null, null)).toBe("");
  });

  it("names who started a run", () => {
    expect(startedBy("automatic", "every 5 minutes")).toBe("Automatic");
    expect(startedBy("manual", "Run sync in the window")).toBe("You");
    expect(startedBy("manual", "run on the command line")).toBe("Command line");
  });
});
