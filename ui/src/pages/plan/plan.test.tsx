import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { script } from "../../api/memory-data";
import { deskPlan, largePlan } from "../../api/memory-plans-data";
import { findings } from "../../test/axe";
import { open } from "../../test/window";

function at(plan: number, show = "calm", more: Parameters<typeof open>[1] = {}) {
  window.location.hash = `#/plan/${plan}`;
  return open(show, more);
}

const grid = () => screen.findByRole("treegrid", { name: "Planned changes" });
const rowOf = async (text: string) => {
  const found = (await within(await grid()).findByText(text)).closest("[role=row]");
  if (found === null) throw new Error(`no row says ${text}`);
  return found as HTMLElement;
};
const active = (list: HTMLElement) => document.getElementById(list.getAttribute("aria-activedescendant") ?? "");

/** The plan of a first run, with two pairs that match. */
function firstPlan(app: ReturnType<typeof open>["app"], plan: number) {
  const [card] = app.world.connections;
  if (card === undefined) throw new Error("no connection");
  card.first_run = true;
  const kept = deskPlan(plan, card, app.world.now);
  kept.detail.since_ms = 77;
  for (const [at, row] of kept.rows.filter((each) => each.outcome === "updated").entries()) {
    if (at < 2) row.operations = [{ kind: "link", side: "target", what: "link with CSD-1", reason: "the keys match", customer_sees: false, changes: [] }];
  }
  app.world.plans.set(plan, kept);
  return kept;
}

describe("a first run", () => {
  const guide = () => screen.findByRole("region", { name: "First run, step by step" });
  const included = (rows: { included: boolean }[]) => rows.filter((row) => row.included).length;
  const runs = (calls: { name: string; request: unknown }[]) => calls.filter((call) => call.name === "run_sync").map((call) => (call.request as { plan: number }).plan);

  it("links matches, makes five tickets to look at, then the rest, each as a run of its own with a new plan behind it", async () => {
    const { app, user } = at(50);
    const plan = firstPlan(app, 50);
    expect(within(await guide()).getByText(/^1?Link matches$/, { selector: "[aria-current=step]" })).toBeTruthy();
    await user.click(await within(await guide()).findByRole("button", { name: "Link matches" }));
    await waitFor(() => expect(runs(app.calls)).toEqual([50]));
    expect(plan.rows.filter((row) => row.included).map((row) => row.operations[0]?.kind)).toEqual(["link", "link"]);

    await waitFor(() => expect(window.location.hash).toBe("#/plan/51"));
    expect(app.calls.find((call) => call.name === "plan_sync")?.request).toEqual({ connection: 1, since_ms: 77 });
    const second = app.world.plans.get(51);
    await user.click(await within(await guide()).findByRole("button", { name: "First 5 tickets" }));
    await waitFor(() => expect(runs(app.calls)).toEqual([50, 51]));
    expect(included(second?.rows ?? [])).toBe(5);

    await waitFor(() => expect(window.location.hash).toBe("#/plan/52"));
    expect(within(await guide()).getByRole("link", { name: /^run / })).toBeTruthy();
    await user.click(within(await guide()).getByRole("button", { name: "The rest" }));
    await waitFor(() => expect(runs(app.calls)).toEqual([50, 51, 52]));
    expect(window.location.hash).toBe("#/sync?connection=1");
    window.location.hash = "#/plan/40";
    await screen.findByRole("treegrid", { name: "Planned changes" });
    expect(screen.queryByRole("region", { name: "First run, step by step" })).toBeNull();
  }, 20_000);

  it("stays at its step when the run of it fails", async () => {
    const { app, user } = at(50, "calm", { stepMs: null });
    firstPlan(app, 50);
    await user.click(await within(await guide()).findByRole("button", { name: "Link matches" }));
    await within(await guide()).findByText(/is at work/);
    const run = Math.max(...app.world.runs.map((each) => each.id)) + 1;
    const [some] = script("full").working ?? [];
    if (some) act(() => app.tell("run", { ...some, run, connection: 1, result: "failed" }));
    expect(await within(await guide()).findByText(`Run ${run.toLocaleString()} ended: Failed.`)).toBeTruthy();
    expect(app.calls.some((call) => call.name === "plan_sync")).toBe(false);
    await user.click(within(await guide()).getByRole("button", { name: "Plan again" }));
    await waitFor(() => expect(window.location.hash).toBe("#/plan/51"));
  });
});

describe("Plan", () => {
  it("counts first, then shows every write in groups", async () => {
    at(40);
    const list = await grid();
    await within(list).findByText("Chlorine sensor offline at Brook Lane");
    expect(within(screen.getByRole("group", { name: "Counts" })).getAllByRole("button").map((chip) => chip.textContent)).toEqual([
      "47 All", "7 Create", "33 Update", "4 Close", "9 Comment", "2 File", "3 Skip", "1 Conflict",
    ]);
    const row = await rowOf("Pump telemetry late at North weir");
    expect(row.textContent).toContain("INC0048213 → CSD-1187");
    expect(row.textContent).toContain("3 fields, 1 comment");
    expect(row.getAttribute("aria-posinset")).toBe("1");
    expect(row.getAttribute("aria-setsize")).toBe("33");
    expect(screen.getByText("43 of 44")).toBeTruthy();
    expect(await screen.findByText("2 skipped, 1 needs a decision.")).toBeTruthy();
    expect(screen.getByText("Nothing is written yet", { exact: false })).toBeTruthy();
  });

  it("opens a row: was, now, reason, and what a customer will see", async () => {
    const { user } = at(40);
    const list = await grid();
    await user.click(await rowOf("Invoice print queue stuck"));
    await user.keyboard("{ArrowRight}");
    const change = (await within(list).findByText("Close code")).closest("[role=row]");
    expect(change?.textContent).toContain("was empty");
    expect(change?.textContent).toContain("now Solution provided");
    expect(change?.textContent).toContain("Needed by Resolved");
    expect(change?.textContent).toContain("Customer will see this");
    expect(change?.getAttribute("aria-level")).toBe("3");
  });

  it("says that practice customers would see it", async () => {
    const { app } = at(40);
    const kept = app.world.plans.get(40);
    if (kept) for (const side of [kept.detail.source_side, kept.detail.target_side]) side.practice = true;
    expect(await screen.findByRole("heading", { name: "Customer would see this" })).toBeTruthy();
    expect(screen.queryByText("Customer will see this")).toBeNull();
  });

  it("leaves rows out with Space and with the mouse; they stay, grey, and count no more", async () => {
    const { app, user } = at(40);
    const row = await rowOf("Badge reader fails at depot 3");
    await user.click(row);
    await user.keyboard(" ");
    expect(await within(row).findByText("Left out by you")).toBeTruthy();
    expect(await screen.findByRole("button", { name: "Apply 42 changes" })).toBeTruthy();
    expect(app.calls.find((call) => call.name === "include_rows")?.request).toEqual({ plan: 40, which: { these: [1] }, included: false });
    await user.click(screen.getByRole("checkbox", { name: "Include INC0048229 → new" }));
    expect(await screen.findByRole("button", { name: "Apply 43 changes" })).toBeTruthy();
  });

  it("ticks a whole group, and only what is in sight under a filter", async () => {
    const { app, user } = at(40);
    const all = await screen.findByRole("checkbox", { name: "Include all: Create" });
    expect((all as HTMLInputElement).indeterminate).toBe(true);
    await user.click(all);
    expect(await screen.findByRole("button", { name: "Apply 44 changes" })).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "2 File" }));
    await waitFor(() => expect(screen.queryByText("Badge reader fails at depot 3")).toBeNull());
    await user.click(await screen.findByRole("checkbox", { name: "Include all: Create" }));
    expect(await screen.findByRole("button", { name: "Apply 43 changes" })).toBeTruthy();
    const orders = app.calls.filter((call) => call.name === "include_rows").map((call) => (call.request as { which: unknown }).which);
    expect(orders).toEqual([{ outcome: "created" }, { these: [4] }]);
  });

  it("gives no tick to conflicts and to what is skipped", async () => {
    const { user } = at(40);
    await user.click(await screen.findByRole("button", { name: "3 Skip" }));
    const row = await rowOf("SCADA login prompts repeat");
    expect(within(row).queryByRole("checkbox")).toBeNull();
    expect(row.textContent).toContain("Due date changed on both sides");
    expect(within(await rowOf("Private ticket")).queryByRole("checkbox")).toBeNull();
    expect(screen.getByRole("link", { name: "INC0048188 ⇄ CSD-1174" }).getAttribute("href")).toBe("#/conflicts?ticket=INC0048188");
  });

  it("moves, opens, shuts and expands by keys alone", async () => {
    const { user } = at(40);
    const list = await grid();
    await within(list).findByText("Pump telemetry late at North weir");
    list.focus();
    expect(active(list)?.textContent).toContain("Create");
    await user.keyboard("{ArrowDown}{ArrowRight}");
    expect(active(list)?.getAttribute("aria-expanded")).toBe("true");
    await user.keyboard("{ArrowRight}");
    expect(active(list)?.getAttribute("aria-level")).toBe("3");
    await user.keyboard("{ArrowLeft}{ArrowLeft}");
    expect(active(list)?.getAttribute("aria-expanded")).toBe("false");
    await user.keyboard("{ArrowLeft}{ArrowLeft}");
    expect(active(list)?.getAttribute("aria-level")).toBe("1");
    expect(active(list)?.getAttribute("aria-expanded")).toBe("false");
    await user.keyboard("{ArrowRight}e");
    expect(within(list).getAllByText("Assigned team").length).toBeGreaterThan(3);
    await user.keyboard("ec");
    expect(within(list).queryByText("Badge reader fails at depot 3")).toBeNull();
    expect(within(list).getByText("Firewall rule blocks meter upload")).toBeTruthy();
    await user.keyboard("c{End}");
    expect(active(list)?.textContent).toContain("Desk move on floor 3");
  });

  it("finds a ticket", async () => {
    const { user } = at(40);
    await screen.findByRole("searchbox", { name: "Find a ticket" });
    await user.keyboard("{Control>}f{/Control}csd-1149");
    expect(await rowOf("Second screen flickers in lab")).toBeTruthy();
    expect(screen.queryByText("Chlorine sensor offline at Brook Lane")).toBeNull();
    await user.type(screen.getByRole("searchbox", { name: "Find a ticket" }), "x");
    expect(await screen.findByText("Nothing is called “csd-1149x”.")).toBeTruthy();
  });

  it("applies exactly this plan and goes to watch the run", async () => {
    const { app, user } = at(40);
    await rowOf("Pump telemetry late at North weir");
    await user.keyboard("{Control>}{Enter}{/Control}");
    await screen.findByRole("heading", { name: "Sync", level: 1 });
    expect(app.calls.find((call) => call.name === "run_sync")?.request).toEqual({ connection: 1, since_ms: null, plan: 40, confirmed: true });
    expect(window.location.hash).toBe("#/sync?connection=1");
  });

  it("asks once more for a large plan; the safe way is Cancel", async () => {
    const { app, user } = at(99, "calm");
    const [first] = app.world.connections;
    if (first) app.world.plans.set(99, largePlan(99, first, app.world.now));
    await user.click(await screen.findByRole("button", { name: "Apply 5,000 changes" }));
    const dialog = screen.getByRole("alertdialog", { name: "Apply 5,000 changes to Dunmarrow incidents?" });
    expect(dialog.textContent).toContain("4,500 tickets");
    expect(dialog.textContent).toContain("500 things");
    expect(document.activeElement?.textContent).toBe("Cancel");
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("alertdialog")).toBeNull();
    expect(app.calls.some((call) => call.name === "run_sync")).toBe(false);
    expect(document.activeElement?.textContent).toBe("Apply 5,000 changes");
    await user.click(screen.getByRole("button", { name: "Apply 5,000 changes" }));
    await user.click(within(screen.getByRole("alertdialog")).getByRole("button", { name: "Apply 5,000 changes" }));
    await waitFor(() => expect(app.calls.some((call) => call.name === "run_sync")).toBe(true));
  });

  it("draws only what is in sight of 5,000 rows, and tells which each is", async () => {
    const { app } = at(99, "calm");
    const [first] = app.world.connections;
    if (first) app.world.plans.set(99, largePlan(99, first, app.world.now));
    const list = await grid();
    await waitFor(() => expect(list.getAttribute("aria-rowcount")).toBe("5002"), { timeout: 10_000 });
    const rows = within(list).getAllByRole("row");
    expect(rows.length).toBeLessThan(60);
    expect(rows[1]?.getAttribute("aria-setsize")).toBe("4500");
    expect(rows[1]?.getAttribute("aria-rowindex")).toBe("2");
  }, 20_000);

  it("refuses a stale plan and plans again", async () => {
    const { app, user } = at(38);
    expect(await screen.findByText("This plan cannot be applied any more.")).toBeTruthy();
    const apply = screen.getByRole("button", { name: /^Apply/ });
    expect(apply.getAttribute("aria-disabled")).toBe("true");
    await user.click(apply);
    expect(app.calls.some((call) => call.name === "run_sync")).toBe(false);
    await user.click(screen.getByRole("button", { name: "Plan again" }));
    await waitFor(() => expect(window.location.hash).toBe("#/plan/41"));
    expect(await screen.findByRole("button", { name: "Apply 43 changes" })).toBeTruthy();
  });

  it("does not apply what must be mended, and applies what a person may order", async () => {
    const { app } = at(40);
    const kept = app.world.plans.get(40);
    if (kept) kept.detail.reasons = [{ sentence: "the mapping has 2 errors", can_order: false }];
    expect(await screen.findByText("The mapping has 2 errors.")).toBeTruthy();
    expect(screen.getByRole("button", { name: /^Apply/ }).getAttribute("aria-disabled")).toBe("true");
  });

  it("says that nothing is to be written, that it was broken off, and that it is gone", async () => {
    at(39);
    expect(await screen.findByRole("heading", { name: "Both sides agree" })).toBeTruthy();
    expect(screen.getByText("Nothing to write.")).toBeTruthy();
    window.location.hash = "#/plan/37";
    expect(await screen.findByText("Partly read.")).toBeTruthy();
    window.location.hash = "#/plan/12";
    expect((await screen.findByRole("alert")).textContent).toContain("Plan 12 is not kept any more");
  });

  it("keeps the rest when a tick or the run is refused", async () => {
    const { app, user } = at(40);
    app.world.failing = { include_rows: { code: "store", message: "the store is busy", hint: null } };
    await user.click(await screen.findByRole("checkbox", { name: "Include INC0048229 → new" }));
    expect((await screen.findByRole("alert")).textContent).toContain("The tick was not kept");
    await waitFor(() => expect((screen.getByRole<HTMLInputElement>("checkbox", { name: "Include INC0048229 → new" })).checked).toBe(true));
    app.world.failing = { run_sync: { code: "busy", message: "another Lockstep runs on this store", hint: null } };
    await user.click(screen.getByRole("button", { name: "Apply 43 changes" }));
    expect(await screen.findByText("The plan was not applied")).toBeTruthy();
  });

  it("discards the plan", async () => {
    const { app, user } = at(40);
    await user.click(await screen.findByRole("button", { name: "Discard plan" }));
    await waitFor(() => expect(app.world.plans.has(40)).toBe(false));
    expect(window.location.hash).toBe("#/sync?connection=1");
  });

  it("copies as text and as CSV, with nothing a spreadsheet would run", async () => {
    const { app, user } = at(40);
    const [first] = app.world.plans.get(40)?.rows ?? [];
    if (first) first.title = '=HYPERLINK("http://evil.example")';
    const write = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
    await rowOf("Badge reader fails at depot 3");
    await waitFor(() => expect(screen.getByRole("button", { name: "Export" }).getAttribute("aria-disabled")).toBeNull());
    await user.click(screen.getByRole("button", { name: "Export" }));
    await user.click(screen.getByRole("menuitem", { name: "Copy as CSV" }));
    expect(write.mock.calls[0]?.[0]).toContain(`"'=HYPERLINK(""http://evil.example"")"`);
    expect(write.mock.calls[0]?.[0].split("\r\n")[0]).toBe("Group,Included,Source,Target,Title,Written to,Field,Was,Now,Reason,Customer will see this");
    await user.click(screen.getByRole("button", { name: "Export" }));
    await user.keyboard("{Enter}");
    expect(write.mock.calls[1]?.[0]).toContain("INC0048222 → new  Test ticket, please ignore  4 fields  [left out]");
    expect(await screen.findByText("The plan was copied as text.")).toBeTruthy();
  });

  it("counts tickets, also those with several comments", async () => {
    const { app } = at(40);
    const row = app.world.plans.get(40)?.rows.find((each) => each.operations.some((operation) => operation.kind === "comment"));
    const comment = row?.operations.find((operation) => operation.kind === "comment");
    if (row && comment) row.operations.push(comment, comment);
    await rowOf("Pump telemetry late at North weir");
    expect(await screen.findByRole("button", { name: "9 Comment" })).toBeTruthy();
  });

  it("has E and C only while single-letter keys are on; the buttons stay", async () => {
    window.localStorage.setItem("lockstep.preferences", JSON.stringify({ letters: "off" }));
    const { user } = at(40);
    const list = await grid();
    await within(list).findByText("Pump telemetry late at North weir");
    list.focus();
    await user.keyboard("ec");
    expect(within(list).queryByText("Assigned team")).toBeNull();
    expect(within(list).getByText("Badge reader fails at depot 3")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Expand all" }));
    expect(within(list).getAllByText("Assigned team").length).toBeGreaterThan(3);
    await user.click(screen.getByRole("button", { name: "Collapse all" }));
    const only = screen.getByRole("button", { name: "Only customer-visible" });
    await user.click(only);
    expect(only.getAttribute("aria-pressed")).toBe("true");
    expect(within(list).queryByText("Badge reader fails at depot 3")).toBeNull();
  });

  it("opens the ticket that the keys stand on", async () => {
    const { app, user } = at(40);
    await user.click(await rowOf("Pump telemetry late at North weir"));
    await user.keyboard("o");
    await user.click(screen.getByRole("button", { name: "Open in Jira" }));
    expect(app.calls.filter((call) => call.name === "open_ticket").map((call) => call.request)).toEqual([
      { connection: "Dunmarrow incidents", side: "source", key: "INC0048213" }, { connection: "Dunmarrow incidents", side: "target", key: "CSD-1187" },
    ]);
    await user.click(await rowOf("Badge reader fails at depot 3"));
    expect(screen.queryByRole("button", { name: "Open in Jira" })).toBeNull();
  });

  it("lists the tickets of which a customer will see something, and brings one into sight", async () => {
    const { user } = at(40);
    const seen = await screen.findByRole("region", { name: "Customer will see this" });
    const named = await within(seen).findByRole("button", { name: "INC0048190 ← CSD-1171" });
    expect(named.closest("li")?.textContent).toContain("status change, change of fields");
    expect(within(seen).getByText(/^7 tickets, in/)).toBeTruthy();
    await user.click(within(seen).getByRole("button", { name: "Show 3 more" }));
    expect(within(seen).getAllByRole("button")).toHaveLength(7);
    await user.click(screen.getByRole("button", { name: "4 Close" }));
    await user.click(named);
    const list = await grid();
    expect(document.activeElement).toBe(list);
    expect(active(list)?.textContent).toContain("Invoice print queue stuck");
    expect(await within(list).findByText("Close notes")).toBeTruthy();
  });

  it("applies the first 200 of a plan above the cap, and leaves the others out", async () => {
    const { app, user } = at(99, "calm");
    const [first] = app.world.connections;
    if (first) app.world.plans.set(99, largePlan(99, first, app.world.now, 400));
    const rows = app.world.plans.get(99)?.rows ?? [];
    const button = await screen.findByRole("button", { name: /^Apply first 200/ });
    await waitFor(() => expect(button.getAttribute("aria-disabled")).toBeNull());
    await user.click(button);
    await waitFor(() => expect(app.calls.find((call) => call.name === "run_sync")?.request).toMatchObject({ plan: 99, confirmed: true }));
    expect(rows.filter((row) => row.included)).toHaveLength(200);
    expect(rows.filter((row) => row.included).every((row) => row.outcome === "created")).toBe(true);
    expect(window.location.hash).toBe("#/sync?connection=1");
    expect(screen.queryByRole("alertdialog")).toBeNull();
  });

  it("never takes a ticket's text for markup, and axe finds nothing", async () => {
    const { app, user } = at(40);
    const evil = '<img src=x onerror="alert(1)">';
    const [first] = app.world.plans.get(40)?.rows ?? [];
    if (first) first.title = evil;
    const row = await rowOf(evil);
    expect(document.querySelector("img")).toBeNull();
    fireEvent.click(row);
    await user.keyboard("{Control>}{/Control}");
    (await grid()).focus();
    await user.keyboard("e");
    expect(await findings()).toEqual([]);
  }, 30_000);
});
