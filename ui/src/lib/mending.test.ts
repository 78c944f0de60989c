import { expect, it } from "vitest";
import type { Step } from "../api/generated/Step";
import { waysOut } from "./mending";

const step = (name: string, answer: Step["answer"], detail: string, fix: string | null = null): Step => ({ name, answer, detail, fix });
const labels = (one: Step, connection: number | null = 4) => waysOut(one, connection, "CSD-1").map((way) => way.label);

it("leads from the first no to the screen that decides it", () => {
  expect(waysOut(step("Filter", "no", "needs: Category is Network; it holds Facilities", "Change the filter, or the ticket."), 4, "CSD-1")).toEqual([
    { label: "Change filter…", to: { page: "connection", connection: 4, tab: "setup" } },
  ]);
  expect(labels(step("Template", "no", "none catches it", "Change a template's conditions."))).toEqual(["Open templates"]);
  expect(labels(step("Not private", "no", "it is private"))).toEqual(["Open setup"]);
  expect(labels(step("Filter", "no", "Category cannot be read", "Give the account the right to read this field."))).toEqual(["Open accounts"]);
  expect(labels(step("Not in quarantine", "no", "Resolution is required", "Set Resolution for the pair"))).toEqual(["Open quarantine", "Open mapping"]);
  expect(waysOut(step("Not in quarantine", "no", "it failed"), 4, "CSD-1")[0]?.to).toEqual({ page: "quarantine", ticket: "CSD-1" });
  expect(labels(step("Link is live", "no", "parked: waits for its mapping"))).toEqual(["Open mapping"]);
  expect(labels(step("Nothing waits", "waits", "conflict since 13:51"))).toEqual(["Open conflicts"]);
});

it("leads nowhere where nothing is wrong, or where the connection is gone", () => {
  expect(labels(step("Filter", "yes", "lets it in"))).toEqual([]);
  expect(labels(step("Template", "not_reached", ""))).toEqual([]);
  expect(labels(step("Visible", "no", "it was deleted"))).toEqual([]);
  expect(labels(step("Filter", "no", "needs: Category is Network"), null)).toEqual([]);
});
