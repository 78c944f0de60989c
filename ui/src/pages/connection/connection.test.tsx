import { screen, waitFor, within } from "@testing-library/react";
import axe from "axe-core";
import { describe, expect, it, vi } from "vitest";
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import { run, script } from "../../api/memory-data";
import { open } from "../../test/window";

function at(hash: string) {
  window.location.hash = hash;
}

describe("a connection", () => {
  it("is opened from the sidebar, at the tab that was looked at last", async () => {
    const { user } = open("full");
    await user.click(await within(await screen.findByRole("list", { name: "Connections" })).findByRole("link", { name: /^Dunmarrow incidents/ }));
    expect(await screen.findByRole("heading", { name: "Dunmarrow incidents" })).toBeTruthy();
    expect(window.location.hash).toBe("#/connection/1/status");
    await user.click(screen.getByRole("link", { name: "Runs" }));
    expect(await screen.findByRole("grid", { name: "Runs of Dunmarrow incidents" })).toBeTruthy();
    await user.click(screen.getByRole("link", { name: "Overview" }));
    const list = screen.getByRole("list", { name: "Connections" });
    expect(within(list).getByRole("link", { name: /^Fennick stores/ }).getAttribute("href")).toBe("#/connection/2/runs");
  });

  it("changes tabs with Alt and a digit", async () => {
    at("#/connection/1/status");
    const { user } = open("full");
    await screen.findByRole("heading", { name: "Running" });
    await user.keyboard("{Alt>}6{/Alt}");
    expect(await screen.findByRole("link", { name: "Runs", current: "page" })).toBeTruthy();
    await user.keyboard("{Alt>}2{/Alt}");
    expect(await screen.findByRole("link", { name: "Setup", current: "page" })).toBeTruthy();
    await user.keyboard("{Alt>}3{/Alt}");
    expect(await screen.findByRole("link", { name: /^Mapping/, current: "page" })).toBeTruthy();
  });

  it("previews and runs from its head and by keys", async () => {
    at("#/connection/3/status");
    const { app, user } = open("calm");
    const orders = () => app.calls.filter((call) => call.name === "plan_sync" || call.name === "run_sync");
    await user.click(await screen.findByRole("button", { name: "Preview" }));
    await waitFor(() => expect(window.location.hash).toBe("#/plan/41"));
    expect(orders()).toEqual([{ name: "plan_sync", request: { connection: 3, since_ms: null } }]);
    // Nobody saw an automatic run of it yet: a plan stands before the run.
    at("#/connection/3/status");
    await screen.findByRole("button", { name: "Preview" });
    await user.keyboard("{Control>}{Shift>}s{/Shift}{/Control}");
    await waitFor(() => expect(orders()).toHaveLength(2));
    expect(orders()[1]?.name).toBe("plan_sync");
    await waitFor(() => expect(window.location.hash).toMatch(/^#\/plan\//));
    at("#/connection/1/status");
    await screen.findByRole("heading", { name: "Dunmarrow incidents", level: 1 });
    await user.click(within(screen.getByRole("banner")).getByRole("button", { name: "Run sync" }));
    await waitFor(() => expect(orders()[2]).toEqual({ name: "run_sync", request: { connection: 1, since_ms: null, plan: null, confirmed: false } }));
  });

  it("asks for a start before the first run, on Sync", async () => {
    at("#/connection/6/status");
    const { app, user } = open("full");
    await user.click(await screen.findByRole("button", { name: "Preview" }));
    expect(await screen.findByText("Say which tickets of Tarn Valley desk count before its first run.")).toBeTruthy();
    expect(window.location.hash).toBe("#/sync?connection=6");
    expect(app.calls.some((call) => call.name === "plan_sync")).toBe(false);
  });

  it("keeps its screen when a plan cannot be made, and says why", async () => {
    at("#/connection/3/setup");
    const { user } = open("calm", { failing: { plan_sync: { code: "busy", message: "another Lockstep runs on this store", hint: "Wait until it has ended." } } });
    await user.click(await screen.findByRole("button", { name: "Preview" }));
    expect((await screen.findByRole("alert")).textContent).toContain("Another Lockstep runs on this store.");
    await user.click(screen.getByRole("button", { name: "Close" }));
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("shows a wait for a host in its head, and leads to the run", async () => {
    at("#/connection/5/status");
    const { user } = open("full");
    await screen.findByRole("heading", { name: "Quillmark support", level: 1 });
    expect(screen.getByText(/^Waiting for rate limit until/, { selector: ".connection-state" })).toBeTruthy();
    expect(within(screen.getByRole("navigation", { name: "Main" })).getByRole("link", { name: /^Quillmark support ?, Waiting for rate limit until/ })).toBeTruthy();
    await user.click(screen.getAllByRole("button", { name: "Watch run" })[0] ?? document.body);
    expect(window.location.hash).toBe("#/sync?connection=5");
  });

  it("orders nothing without a network", async () => {
    at("#/connection/3/status");
    vi.spyOn(window.navigator, "onLine", "get").mockReturnValue(false);
    const { app, user } = open("calm");
    const preview = await screen.findByRole("button", { name: /^Preview/ });
    expect(preview.textContent).toContain("There is no network.");
    await user.click(preview);
    expect(app.calls.some((call) => call.name === "plan_sync")).toBe(false);
    vi.restoreAllMocks();
  });

  it("that is gone says so", async () => {
    at("#/connection/99/status");
    open("full");
    expect(await screen.findByRole("heading", { name: "This connection is not there any more" })).toBeTruthy();
  });
});

describe("its status", () => {
  it("tells state, reason, sides and what waits, with links to it", async () => {
    at("#/connection/4/status");
    const { app } = open("full");
    app.world.working = [];
    const card = await screen.findByRole("region", { name: "Needs a decision" });
    expect(within(card).getByText("2 fields were changed on both sides; the rest keeps syncing.")).toBeTruthy();
    expect(within(screen.getByRole("region", { name: "Sides" })).getByText(/Pellworth Hospitals/)).toBeTruthy();
    const work = screen.getByRole("region", { name: "Work" });
    expect(within(work).getByRole("link", { name: "4 fields to decide" }).getAttribute("href")).toBe("#/conflicts");
    expect(within(work).getByRole("link", { name: "1 ticket" }).getAttribute("href")).toBe("#/quarantine");
    const runs = await screen.findByRole("list", { name: "Last runs" });
    expect(within(runs).getByRole("link", { name: "Run 2,417" }).getAttribute("href")).toBe("#/run/2417");
    expect(document.body.textContent).not.toContain("lockstep ");
  });

  it("leads to what changed in the fields of a side", async () => {
    at("#/connection/1/status");
    const { editor } = script("build");
    if (editor === undefined) throw new Error("no editor");
    const change = { what: "value_new" as const, field: "status", field_label: "Status", value: "7", value_label: "Escalated" };
    editor.offers = { ...editor.offers, target: { ...editor.offers.target, changed: { since_ms: new Date(2026, 4, 11, 9).getTime(), changes: [change] } } };
    open("build", { editor });
    const sides = within(await screen.findByRole("region", { name: "Sides" }));
    expect((await sides.findByRole("link", { name: "1 change" })).getAttribute("href")).toBe("#/connection/1/mapping");
  });

  it("tells a sandbox from production and from practice", async () => {
    at("#/connection/1/status");
    const connections = (script("full").connections ?? []).map((each) => (each.id === 1 ? { ...each, target_side: { ...each.target_side, sandbox: true } } : each));
    open("full", { connections });
    const sides = within(await screen.findByRole("region", { name: "Sides" }));
    expect(sides.getAllByText("Sandbox")).toHaveLength(1);
    expect(sides.queryByText("Practice")).toBeNull();
  });

  it("lists the last five runs and leads to all of them", async () => {
    at("#/connection/1/status");
    open("full");
    const runs = await screen.findByRole("list", { name: "Last runs" });
    expect(within(runs).getAllByRole("listitem")).toHaveLength(5);
    expect(screen.getByRole("link", { name: "All runs" }).getAttribute("href")).toBe("#/connection/1/runs");
  });

  it("says since when the fields of both sides are known, and why they cannot be read", async () => {
    at("#/connection/1/status");
    const { app } = open("build");
    const sides = screen.findByRole("region", { name: "Sides" });
    expect(await within(await sides).findByText(/^Incident: 17 fields, as of/)).toBeTruthy();
    app.world.editor.offers = { ...app.world.editor.offers, target: { schema: null, taken_ms: null, changed: null, trouble: { code: "unreachable", message: "Jira does not answer", hint: null } } };
    at("#/connection/1/setup");
    await screen.findByRole("navigation", { name: "Sections of Setup" });
    at("#/connection/1/status");
    expect(await screen.findByText(/Jira does not answer\./)).toBeTruthy();
    expect(screen.getByText("Incident was never read.")).toBeTruthy();
  });

  it.each<[number, Partial<ConnectionCard>, string, string]>([
    [2, {}, "Sign in again…", "#/accounts?account=Fennick%20Retail"],
    [4, { state: "needs_decision", running: false }, "Decide 4", "#/conflicts"],
    [2, { state: "stalled", reason: "Jira did not answer.", next: { step: "see_why" } }, "See why", "#/run/2385"],
    [3, { state: "setup_not_finished", types: [], next: { step: "add_type" } }, "Continue setup", "#/connection/3/setup"],
    [3, { state: "setup_not_finished", next: { step: "mend_mapping" } }, "Continue setup", "#/connection/3/mapping"],
    [5, {}, "Watch run", "#/sync?connection=5"],
  ])("of connection %s in %o offers %s", async (id, card, label, hash) => {
    at(`#/connection/${id}/status`);
    const world = script("full");
    const connections = (world.connections ?? []).map((each) => (each.id === id ? { ...each, ...card } : each));
    const { user } = open("full", { connections, working: (world.working ?? []).filter((run) => run.connection === 5) });
    await screen.findByRole("region", { name: "Work" });
    await user.click(screen.getAllByRole("button", { name: label }).at(-1) ?? document.body);
    expect(window.location.hash).toBe(hash);
  });

  it("is a list of steps before the first run", async () => {
    at("#/connection/6/status");
    const { user } = open("full");
    const steps = within(await screen.findByRole("region", { name: "Before the first run" }));
    expect(steps.getAllByRole("listitem").map((step) => within(step).getByRole("button").textContent)).toEqual(["Open account", "Open setup", "Open mapping", "Preview first run"]);
    expect(steps.getAllByRole("listitem").map((step) => step.getAttribute("aria-current"))).toEqual([null, null, null, "step"]);
    expect(screen.queryByRole("region", { name: "Work" })).toBeNull();
    await user.click(steps.getByRole("button", { name: "Preview first run" }));
    expect(window.location.hash).toBe("#/sync?connection=6");
  });

  it("holds the first run back until the steps before it are done", async () => {
    at("#/connection/6/status");
    const connections = (script("full").connections ?? []).map((each) => (each.id === 6 ? { ...each, state: "setup_not_finished" as const, reason: "Its mapping has 2 errors." } : each));
    const { user } = open("full", { connections });
    const steps = within(await screen.findByRole("region", { name: "Before the first run" }));
    expect(steps.getByText("Its mapping has 2 errors.")).toBeTruthy();
    await user.click(steps.getByRole("button", { name: /^Preview first run/ }));
    expect(window.location.hash).toBe("#/connection/6/status");
    await user.click(steps.getByRole("button", { name: "Open mapping" }));
    expect(window.location.hash).toBe("#/connection/6/mapping");
  });

  it("switches automatic sync, asks where changes wait, and says what it lacks", async () => {
    at("#/connection/3/status");
    const { app, user } = open("calm");
    const waiting = app.world.connections.find((each) => each.id === 3);
    if (waiting) waiting.pending = 118;
    await user.click(await screen.findByRole("switch", { name: "Automatic sync of Ostrel alerts" }));
    expect(screen.getByRole("alertdialog").textContent).toContain("118 changes will be written at");
    expect(app.calls.some((call) => call.name === "set_automatic")).toBe(false);
    await user.click(screen.getByRole("button", { name: "Turn on" }));
    await waitFor(() => expect(app.calls.find((call) => call.name === "set_automatic")?.request).toEqual({ connection: 3, on: true }));
    expect(await screen.findByText("Automatic sync of Ostrel alerts is on.")).toBeTruthy();
  });

  it("links what automatic sync lacks to its fix", async () => {
    at("#/connection/2/status");
    open("full");
    const automatic = within(await screen.findByRole("region", { name: "Automatic sync" }));
    expect(automatic.getByRole("link", { name: "Open accounts" }).getAttribute("href")).toBe("#/accounts?account=Fennick%20Retail");
  });

  it("is deleted after its name is typed, and what stops is said", async () => {
    at("#/connection/1/status");
    const { app, user } = open("calm");
    await user.click(await screen.findByRole("button", { name: "Delete…" }));
    const dialog = within(screen.getByRole("dialog", { name: "Delete Dunmarrow incidents?" }));
    expect(document.activeElement).toBe(dialog.getByRole("button", { name: "Keep connection" }));
    expect(dialog.getAllByRole("listitem").map((item) => item.textContent)).toEqual(["Automatic sync", "Copying between 1,204 pairs of tickets"]);
    await user.click(dialog.getByRole("button", { name: "Export first" }));
    expect(app.calls.find((call) => call.name === "export_configuration")?.request).toEqual({ connection: 1 });
    await user.click(dialog.getByRole("button", { name: /^Delete connection/ }));
    expect(app.calls.some((call) => call.name === "remove_connection")).toBe(false);
    await user.type(dialog.getByRole("textbox"), "Dunmarrow incidents");
    await user.click(dialog.getByRole("button", { name: "Delete connection" }));
    expect(await screen.findByRole("heading", { name: "Overview", level: 1 })).toBeTruthy();
    expect(app.calls.find((call) => call.name === "remove_connection")?.request).toEqual({ connection: 1 });
    expect(screen.queryByRole("link", { name: /^Dunmarrow incidents/ })).toBeNull();
  });

  it.each(["status", "runs"])("axe finds nothing on %s", async (tab) => {
    at(`#/connection/1/${tab}`);
    open("full");
    await screen.findByRole("heading", { name: "Dunmarrow incidents" });
    if (tab === "runs") await screen.findByRole("grid");
    const found = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
    expect(found.violations.map((violation) => violation.id)).toEqual([]);
  }, 20_000);
});

describe("its runs", () => {
  it("are its own, and lead to each run", async () => {
    at("#/connection/2/runs");
    const { user } = open("full");
    const table = await screen.findByRole("grid", { name: "Runs of Fennick stores" });
    expect(within(table).getAllByRole("row")).toHaveLength(2);
    await user.click(within(table).getByRole("link", { name: "Run 2385" }));
    expect(window.location.hash).toBe("#/run/2385");
  });

  it("tell an interrupted one from one at work, filter, and show earlier ones", async () => {
    at("#/connection/1/runs");
    const many = Array.from({ length: 60 }, (_, place) => run({ id: 3000 - place, connection: "Dunmarrow incidents", result: place === 0 ? null : "success" }));
    const { user } = open("full", { runs: many });
    const grid = await screen.findByRole("grid", { name: "Runs of Dunmarrow incidents" });
    expect(await within(grid).findByText("Interrupted")).toBeTruthy();
    expect(within(grid).queryByRole("columnheader", { name: "Connection" })).toBeNull();
    expect(within(grid).getAllByRole("row")).toHaveLength(51);
    await user.click(screen.getByRole("button", { name: "Show earlier runs" }));
    expect(await within(grid).findByRole("link", { name: "Run 2941" })).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Show earlier runs" })).toBeNull();
    await user.selectOptions(screen.getByRole("combobox", { name: "Status of the history" }), "Failed");
    expect(await screen.findByText("No run ended as Failed in this period: last 7 days.")).toBeTruthy();
    expect(screen.queryByRole("combobox", { name: "Connection of the history" })).toBeNull();
  });

  it("are none before the first", async () => {
    at("#/connection/6/runs");
    open("full");
    expect(await screen.findByRole("heading", { name: "No runs yet" })).toBeTruthy();
  });
});

describe("the guide of practice", () => {
  const card = (parts: Partial<ConnectionCard>) => (script("practice").connections ?? []).map((each) => ({ ...each, first_run: false, state: "ready_for_automatic_sync" as const, ...parts }));
  const ticked = () => screen.getByRole("complementary", { name: "Practice, step by step" }).querySelectorAll(".hidden-text").length;

  it("ticks the last step once the conflict is decided, and keeps it", async () => {
    at("#/connection/1/status");
    const { app } = open("practice", { connections: card({ conflicts: 1 }) });
    await screen.findByRole("complementary", { name: "Practice, step by step" });
    await waitFor(() => expect(window.localStorage.getItem("lockstep.guide")).toContain("yes"));
    expect(ticked()).toBe(3);
    app.world.connections = card({ conflicts: 0 });
    app.tell("changed", null);
    await waitFor(() => expect(ticked()).toBe(4));
  });
});
