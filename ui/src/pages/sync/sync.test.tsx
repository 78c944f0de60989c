import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import type { RunProgress } from "../../api/generated/RunProgress";
import { run, script } from "../../api/memory-data";
import { findings } from "../../test/axe";
import { open } from "../../test/window";

function at(hash: string) {
  window.location.hash = hash;
}

function atWork(run: number): RunProgress {
  const [some] = script("full").working ?? [];
  if (some === undefined) throw new Error("no run is at work");
  return { ...some, run, connection: 1, connection_name: "Dunmarrow incidents", waits: [], tickets: [] };
}

describe("Sync", () => {
  it("runs practice: outcomes first, nothing to do after that", async () => {
    at("#/sync");
    const { user } = open("practice");
    await user.click(await screen.findByRole("button", { name: "Run sync" }));
    const card = await screen.findByRole("region", { name: "Incidents" });
    await within(card).findByText("Success");
    expect(within(within(card).getByRole("list", { name: "Counts" })).getByText(/created/).textContent).toBe("24 created");
    expect(within(card).getByRole("progressbar", { name: "Tickets written" }).getAttribute("aria-valuetext")).toBe("24 of 24");
    const history = await screen.findByRole("grid", { name: "History" });
    expect(within(history).getByText("Success")).toBeTruthy();

    await user.click(screen.getByRole("button", { name: "Run sync" }));
    await within(screen.getByRole("grid", { name: "History" })).findByText("Nothing to do");
  });

  it("asks for everything on a first run and for the last run after it", async () => {
    at("#/sync");
    const { app, user } = open("practice");
    await user.click(await screen.findByRole("button", { name: "Run sync" }));
    await screen.findByRole("button", { name: "See run 1" });
    await user.click(screen.getByRole("button", { name: "Run sync" }));
    await waitFor(() => expect(app.calls.filter((call) => call.name === "run_sync")).toHaveLength(2));
    const sinces = app.calls.filter((call) => call.name === "run_sync").map((call) => (call.request as { since_ms: number | null }).since_ms);
    expect(sinces).toEqual([0, null]);
  });

  it("opens the plan of a real first run before anything is written", async () => {
    at("#/sync?connection=6");
    const { app, user } = open("full");
    const preview = await screen.findByRole("checkbox", { name: "Preview first" });
    expect(preview.getAttribute("aria-disabled")).toBe("true");
    await user.click(preview);
    await user.click(screen.getByRole("button", { name: "Run sync" }));
    await screen.findByRole("heading", { name: "Plan", level: 1 });
    expect(window.location.hash).toBe("#/plan/41");
    expect(app.calls.some((call) => call.name === "run_sync")).toBe(false);
  });

  it("tells phases, waits and the last tickets of a run at work", async () => {
    at("#/sync");
    open("full");
    const card = await screen.findByRole("region", { name: "Quillmark support" });
    const now = within(within(card).getByRole("list", { name: "Phases" })).getAllByRole("listitem").find((item) => item.getAttribute("aria-current") === "step");
    expect(now?.textContent).toBe("Write62 of 118");
    expect(within(card).getByText(/Waiting for rate limit until/)).toBeTruthy();
    expect(within(card).getByRole("progressbar", { name: "Wait for quillmark-press.example" })).toBeTruthy();
    expect(within(card).getByText("Component is required and has no pair")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Run sync" })).toBeNull();
    expect(screen.getAllByRole("button", { name: "Watch run" })).toHaveLength(2);
  });

  it("cancels the run that is shown", async () => {
    at("#/sync");
    const { app, user } = open("full");
    await user.click(await screen.findByRole("button", { name: "Cancel run" }));
    expect(app.calls.find((call) => call.name === "cancel_run")?.request).toEqual({ connection: 5 });
  });

  it("runs anyway only when a person orders it, and not what must be mended", async () => {
    at("#/sync?connection=1");
    const { app, user } = open("calm");
    await screen.findByRole("heading", { name: "Sync", level: 1 });
    const held = (can_order: boolean, run: number) => app.tell("run", {
      run, connection: 1, connection_name: "Dunmarrow incidents", started_ms: app.world.now, phase: "plan", waits: [], tickets: [], result: "failed",
      planning: false, since_ms: 77, plan: 40, held: [{ sentence: "the run would create 412 tickets", can_order }],
      counts: { read: 412, planned: 412, done: 0, created: 0, updated: 0, closed: 0, failed: 0, skipped: 0, comments: 0, files: 0, linked: 0, conflicts: 0 },
    });
    held(false, 3000);
    await screen.findByText("Nothing was written.");
    expect(screen.queryByRole("button", { name: "Run anyway" })).toBeNull();
    held(true, 3001);
    await user.click(await screen.findByRole("button", { name: "Run anyway" }));
    expect(app.calls.find((call) => call.name === "run_sync")?.request).toEqual({ connection: 1, since_ms: 77, plan: null, confirmed: true });
  });

  it("opens the plan that a held run stopped at", async () => {
    at("#/sync?connection=1");
    const { app, user } = open("calm");
    await screen.findByRole("heading", { name: "Sync", level: 1 });
    act(() => app.tell("run", { ...atWork(3000), phase: "plan", result: "failed", plan: 40, held: [{ sentence: "the run would create 412 tickets", can_order: false }] }));
    await user.click(await screen.findByRole("button", { name: "Open plan" }));
    expect(window.location.hash).toBe("#/plan/40");
  });

  it("goes on with a cancelled run from the same start", async () => {
    at("#/sync?connection=1");
    const { app, user } = open("calm");
    await screen.findByRole("heading", { name: "Sync", level: 1 });
    act(() => app.tell("run", { ...atWork(3000), since_ms: 77, result: "cancelled" }));
    await user.click(await screen.findByRole("button", { name: "Continue run" }));
    expect(app.calls.find((call) => call.name === "run_sync")?.request).toEqual({ connection: 1, since_ms: 77, plan: null, confirmed: false });
  });

  it("watches the run at work with Ctrl Enter, and starts no second one", async () => {
    at("#/sync?connection=5");
    const { app, user } = open("full");
    await screen.findByRole("region", { name: "Quillmark support" });
    await user.keyboard("{Control>}{Enter}{/Control}");
    expect(document.activeElement?.textContent).toBe("Quillmark support");
    expect(app.calls.some((call) => call.name === "run_sync" || call.name === "plan_sync")).toBe(false);
  });

  it("tells how far a plan is while it is made, and stops it", async () => {
    at("#/sync?connection=1");
    const { app, user } = open("calm");
    await screen.findByRole("heading", { name: "Sync", level: 1 });
    const making = { ...atWork(-1), planning: true, phase: "read" as const };
    act(() => app.tell("run", { ...making, counts: { ...making.counts, read: 64, planned: 12 } }));
    expect(await screen.findByText("64 tickets read, 12 to write.")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Stop planning" }));
    expect(app.calls.find((call) => call.name === "cancel_run")?.request).toEqual({ connection: 1 });
    act(() => app.tell("run", { ...making, result: "success" }));
    expect(await screen.findByRole("button", { name: "Run sync" })).toBeTruthy();
  });

  

  it("says why a run did not start", async () => {
    at("#/sync");
    const { user } = open("practice", { failing: { run_sync: { code: "busy", message: "another Lockstep runs on this store", hint: "Wait until it has ended." } } });
    await user.click(await screen.findByRole("button", { name: "Run sync" }));
    expect((await screen.findByRole("alert")).textContent).toContain("Another Lockstep runs on this store.");
  });

  it("filters the history, folds idle checks, and keeps the filter", async () => {
    at("#/sync");
    const { user } = open("full");
    const fold = await screen.findByRole("button", { name: /4 checks found nothing/ });
    await user.click(fold);
    expect(screen.getAllByText("Nothing to do", { selector: ".history-status" })).toHaveLength(4);
    await user.selectOptions(screen.getByRole("combobox", { name: "Status of the history" }), "Failed");
    await waitFor(() => expect(within(screen.getByRole("grid", { name: "History" })).getAllByRole("row")).toHaveLength(2));
    expect(JSON.parse(window.localStorage.getItem("lockstep.history") ?? "{}")).toMatchObject({ result: "failed" });
  });

  it("goes through the history with the keys: one Tab stop, a fold opens, Enter opens a run", async () => {
    at("#/sync");
    const { user } = open("full");
    const history = await screen.findByRole("grid", { name: "History" });
    await within(history).findByRole("button", { name: /4 checks found nothing/ });
    const here = () => document.getElementById(history.getAttribute("aria-activedescendant") ?? "")?.textContent ?? "";
    expect(history.querySelectorAll("a:not([tabindex='-1']), button:not([tabindex='-1'])")).toHaveLength(0);
    history.focus();
    await user.keyboard("{ArrowDown}{ArrowDown}{ArrowDown}");
    expect(here()).toContain("4 checks found nothing");
    await user.keyboard("{ArrowRight}{ArrowDown}");
    expect(here()).toContain("Nothing to do");
    await user.keyboard("{ArrowUp}{ArrowLeft}{End}");
    expect(within(history).queryByText("Nothing to do", { selector: ".history-status" })).toBeNull();
    expect(here()).toContain("Cancelled");
    await user.keyboard("{Home}{Enter}");
    expect(window.location.hash).toBe("#/run/2418");
  });

  it("follows another connection with the form and the history, and keeps the focus", async () => {
    at("#/sync?connection=1");
    const { app, user } = open("full");
    const choice = await screen.findByRole("combobox", { name: "Connection" });
    choice.focus();
    await user.selectOptions(choice, "Ostrel alerts");
    expect(window.location.hash).toBe("#/sync?connection=3");
    await waitFor(() => expect(screen.getByRole<HTMLSelectElement>("combobox", { name: "Connection of the history" }).selectedOptions[0]?.text).toBe("Ostrel alerts"));
    await waitFor(() => expect(app.calls.some((call) => call.name === "list_runs" && (call.request as { connection: number | null }).connection === 3)).toBe(true));
    expect(screen.getByRole("switch", { name: "Automatic sync of Ostrel alerts" })).toBeTruthy();
    expect(document.activeElement).toBe(screen.getByRole("combobox", { name: "Connection" }));
    await user.selectOptions(screen.getByRole("combobox", { name: "Connection of the history" }), "All connections");
    expect(await within(screen.getByRole("grid", { name: "History" })).findByText("Fennick stores")).toBeTruthy();
  });

  it("leads to Overview while there is no connection", async () => {
    at("#/overview");
    const { user } = open("empty");
    await user.click(await screen.findByRole("button", { name: "Connect platforms" }));
    act(() => at("#/sync"));
    expect(await screen.findByRole("heading", { name: "Nothing to sync yet" })).toBeTruthy();
    expect(screen.queryByRole("grid")).toBeNull();
    await user.click(screen.getByRole("button", { name: "Open Overview" }));
    expect(window.location.hash).toBe("#/overview");
  });

  it("says why the history is empty and shows all", async () => {
    at("#/sync");
    const { user } = open("calm");
    await user.selectOptions(await screen.findByRole("combobox", { name: "Period of the history" }), "Last 24 hours");
    await user.selectOptions(screen.getByRole("combobox", { name: "Status of the history" }), "Cancelled");
    await user.click(await screen.findByRole("button", { name: "Show all" }));
    expect(await screen.findByRole("grid", { name: "History" })).toBeTruthy();
  });

  it("asks before automatic sync writes what already waits, and plans instead if wanted", async () => {
    at("#/sync?connection=3");
    const { app, user } = open("calm");
    const waiting = app.world.connections.find((each) => each.id === 3);
    if (waiting) waiting.pending = 118;
    const toggle = await screen.findByRole("switch", { name: "Automatic sync of Ostrel alerts" });
    await user.click(toggle);
    const dialog = screen.getByRole("alertdialog", { name: "Turn on automatic sync of Ostrel alerts?" });
    expect(dialog.textContent).toContain("118 changes will be written at");
    await user.keyboard("{Escape}");
    expect(app.calls.some((call) => call.name === "set_automatic")).toBe(false);
    await user.click(toggle);
    await user.click(screen.getByRole("button", { name: "Turn on" }));
    expect(await screen.findByText("Automatic sync of Ostrel alerts is on.")).toBeTruthy();
    await user.click(await screen.findByRole("switch", { name: "Automatic sync of Ostrel alerts", checked: true }));
    await user.click(await screen.findByRole("switch", { name: "Automatic sync of Ostrel alerts", checked: false }));
    await user.click(within(screen.getByRole("alertdialog")).getByRole("button", { name: "Preview first" }));
    await waitFor(() => expect(window.location.hash).toBe("#/plan/41"));
  });

  it("says what automatic sync lacks, with a link to its fix", async () => {
    at("#/sync?connection=2");
    open("full");
    expect((await screen.findByRole("link", { name: "Open accounts" })).getAttribute("href")).toBe("#/accounts?account=Fennick%20Retail");
  });

  it("does not start without a network, and says so", async () => {
    at("#/sync?connection=3");
    vi.spyOn(window.navigator, "onLine", "get").mockReturnValue(false);
    const { app, user } = open("calm");
    const button = await screen.findByRole("button", { name: /^Run sync/ });
    expect(button.getAttribute("aria-disabled")).toBe("true");
    expect(button.textContent).toContain("There is no network.");
    await user.click(button);
    expect(app.calls.some((call) => call.name === "run_sync" || call.name === "plan_sync")).toBe(false);
  });

  it("draws only what is in sight of 10,000 runs, and knows one that a crash left", async () => {
    at("#/sync");
    const many = Array.from({ length: 10_000 }, (_, place) => run({ id: 20_000 - place, connection: "Dunmarrow incidents", result: place === 0 ? null : "success" }));
    const { app } = open("calm", { runs: many });
    const call = app.call;
    app.call = (name, request) => (name === "list_runs" ? Promise.resolve({ runs: many, before: null } as never) : call(name, request));
    const history = await screen.findByRole("grid", { name: "History" });
    expect(history.getAttribute("aria-rowcount")).toBe("10001");
    expect(await within(history).findByText("Interrupted")).toBeTruthy();
    expect(within(history).getAllByRole("row").length).toBeLessThan(80);
  });

  it("has nothing that axe would find", async () => {
    at("#/sync");
    open("full");
    await screen.findByRole("grid", { name: "History" });
    expect(await findings()).toEqual([]);
  }, 30_000);
});
