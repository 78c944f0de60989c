import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import type { RunProgress } from "../../api/generated/RunProgress";
import { script } from "../../api/memory-data";
import { findings } from "../../test/axe";
import { open } from "../../test/window";

function at(run: number, show = "full") {
  window.location.hash = `#/run/${run}`;
  return open(show);
}

function progressOf(run: number): RunProgress {
  const [some] = script("full").working ?? [];
  if (some === undefined) throw new Error("no run is at work");
  return { ...some, run, connection: 1, connection_name: "Dunmarrow incidents" };
}

describe("Run detail", () => {
  it("lists the failed first and explains the first of them", async () => {
    at(2416);
    const options = within(await screen.findByRole("listbox", { name: "Tickets" })).getAllByRole("option");
    expect(options).toHaveLength(13);
    expect(options.slice(0, 3).map((option) => option.textContent.slice(0, 6))).toEqual(["Failed", "Failed", "Create"]);
    const detail = screen.getByRole("region", { name: "Remote site loses phone lines" });
    expect(within(detail).getByText("“Resolution is required.”")).toBeTruthy();
    expect(within(detail).getByText("Set Resolution for this pair, then run again.")).toBeTruthy();
    expect(within(detail).getByRole("heading", { name: "Changes that were planned" })).toBeTruthy();
  });

  it("reads changes as was and now, empty ones too", async () => {
    at(2416);
    const detail = await screen.findByRole("region", { name: "Remote site loses phone lines" });
    const row = within(detail).getByText("Due date").closest("li");
    expect(row?.textContent).toContain("was empty");
    expect(row?.textContent).toContain("now 14 May 2026");
  });

  it("moves with the arrows and with J and K", async () => {
    const { user } = at(2416);
    const list = await screen.findByRole("listbox", { name: "Tickets" });
    list.focus();
    await user.keyboard("{ArrowDown}");
    expect(screen.getByRole("heading", { name: "Badge photos missing in directory", level: 2 })).toBeTruthy();
    await user.keyboard("jj");
    expect(screen.getByRole("heading", { name: "New starter needs radio profile", level: 2 })).toBeTruthy();
    await user.keyboard("k{End}");
    expect(screen.getByRole("heading", { name: "Private ticket", level: 2 })).toBeTruthy();
  });

  it("filters by outcome", async () => {
    const { user } = at(2416);
    await user.click(await screen.findByRole("button", { name: "Closed 2" }));
    const chip = screen.getByRole("button", { name: "Closed 2" });
    expect(chip.getAttribute("aria-pressed")).toBe("true");
    expect(await within(await screen.findByRole("listbox", { name: "Tickets" })).findAllByText("Closed")).toHaveLength(2);
  });

  it("says that nothing had to be done", async () => {
    at(2415);
    expect(await screen.findByRole("heading", { name: "Nothing to do" })).toBeTruthy();
  });

  it("shows what stopped a whole run in the place of the list", async () => {
    at(2385);
    const card = await screen.findByRole("alert");
    expect(card.textContent).toContain("The run failed before the first ticket");
    expect(card.textContent).toContain("the API token is refused");
    expect(card.textContent).toContain("Make a new token");
  });

  it("says when there is no such run", async () => {
    at(77);
    expect((await screen.findByRole("alert")).textContent).toContain("There is no run 77.");
  });

  it("never takes a ticket's text for markup", async () => {
    window.location.hash = "#/run/2416";
    const { app } = open("full");
    const evil = '<img src=x onerror="alert(1)">';
    const detail = app.world.details.get(2416);
    const [first] = detail?.tickets.tickets ?? [];
    if (first) first.title = evil;
    expect(await screen.findByRole("heading", { name: evil, level: 2 })).toBeTruthy();
    expect(document.querySelector("img")).toBeNull();
  });

  it("reads 10,000 tickets behind the first, draws those in sight, and knows which each is", async () => {
    const { app, user } = at(2416);
    const detail = app.world.details.get(2416);
    const [some] = detail?.tickets.tickets.slice(-1) ?? [];
    if (detail && some) {
      detail.tickets.tickets = Array.from({ length: 10_000 }, (_, place) => ({ ...some, ordinal: place, title: `Ticket ${place}` }));
      detail.outcomes = [{ outcome: "skipped", tickets: 10_000 }];
    }
    const list = await screen.findByRole("listbox", { name: "Tickets" });
    expect(within(list).getAllByRole("option")[0]?.getAttribute("aria-setsize")).toBe("10000");
    await waitFor(() => expect(screen.queryByText(/Reading the tickets/)).toBeNull(), { timeout: 10_000 });
    expect(within(list).getAllByRole("option").length).toBeLessThan(60);
    list.focus();
    await user.keyboard("{End}");
    expect(await screen.findByRole("heading", { name: "Ticket 9999", level: 2 })).toBeTruthy();
  }, 20_000);

  it("copies the run, with nothing a spreadsheet would run", async () => {
    const { app, user } = at(2416);
    const [first] = app.world.details.get(2416)?.tickets.tickets ?? [];
    if (first) first.title = "@SUM(A1)";
    const write = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
    await user.click(await screen.findByRole("button", { name: "Export" }));
    await user.click(screen.getByRole("menuitem", { name: "Copy as CSV" }));
    expect(write.mock.calls[0]?.[0]).toContain("2416,Failed,INC0048197,CSD-1179,'@SUM(A1),target,Status,In progress,Resolved,value pair");
    expect(await screen.findByText("The run was copied as CSV.")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Export" }));
    await user.click(screen.getByRole("menuitem", { name: "Copy as text" }));
    expect(write.mock.calls[1]?.[0]).toContain("Run 2416 of Dunmarrow incidents: Partial");
  });

  it("follows a run at work, and keeps the ticket that is looked at", async () => {
    const { app, user } = at(2416);
    const detail = app.world.details.get(2416);
    if (detail) detail.run.result = null;
    const progress = (result: "partial" | null) => act(() => app.tell("run", {
      run: 2416, connection: 1, connection_name: "Dunmarrow incidents", started_ms: app.world.now, phase: "write", waits: [], tickets: [], planning: false, since_ms: null, held: [], plan: null, result,
      counts: { read: 31, planned: 31, done: 13, created: 5, updated: 19, closed: 3, failed: 2, skipped: 2, comments: 0, files: 0, linked: 0, conflicts: 0 },
    }));
    await screen.findByText("Interrupted");
    progress(null);
    expect(await screen.findByRole("button", { name: "Watch run" })).toBeTruthy();
    expect(screen.getByText(/The run is still at work/)).toBeTruthy();
    await user.keyboard("jjj");
    const title = screen.getByRole("heading", { level: 2, name: "New starter needs radio profile" });
    expect(title).toBeTruthy();
    const shift = detail?.tickets.tickets;
    if (detail && shift?.[0]) {
      detail.tickets.tickets = [{ ...shift[0], ordinal: 90, title: "Came in between" }, ...shift];
      detail.run.result = "partial";
    }
    progress("partial");
    expect(await screen.findByText("Came in between")).toBeTruthy();
    expect(screen.getByRole("heading", { level: 2, name: "New starter needs radio profile" })).toBeTruthy();
    expect(screen.getByRole("button", { name: "Run sync again" })).toBeTruthy();
  });

  it("leads from a failed ticket to where it is mended", async () => {
    at(2416);
    const detail = await screen.findByRole("region", { name: "Remote site loses phone lines" });
    expect(within(detail).getByRole("link", { name: "Open mapping" }).getAttribute("href")).toBe("#/connection/1/mapping");
  });

  it("explains the ticket, and opens it where it was written", async () => {
    const { app, user } = at(2416);
    await screen.findByRole("region", { name: "Remote site loses phone lines" });
    const [known] = Object.values(app.world.explanations);
    if (known) app.world.explanations["INC0048197"] = known;
    await user.keyboard("eo");
    expect(await screen.findByRole("list", { name: "What each step answered" })).toBeTruthy();
    expect(app.calls.find((call) => call.name === "explain_ticket")?.request).toEqual({ connection: "Dunmarrow incidents", key: "INC0048197" });
    expect(app.calls.find((call) => call.name === "open_ticket")?.request).toEqual({ connection: "Dunmarrow incidents", side: "target", key: "CSD-1179" });
    expect(screen.queryByRole("button", { name: "Explain this ticket" })).toBeNull();
    await user.keyboard("j");
    expect(screen.getByRole("button", { name: "Explain this ticket" })).toBeTruthy();
  });

  it("plans all that failed anew, and shows the plan before anything is written", async () => {
    const { app, user } = at(2416);
    await user.click(await screen.findByRole("button", { name: "Retry 2 failed" }));
    await waitFor(() => expect(window.location.hash).toBe("#/plan/41"));
    expect(app.calls.find((call) => call.name === "retry_tickets")?.request).toEqual({ run: 2416, tickets: null });
    expect(app.calls.some((call) => call.name === "run_sync")).toBe(false);
  });

  it("plans one failed ticket anew by key, and no other", async () => {
    const { app, user } = at(2416);
    await screen.findByRole("region", { name: "Remote site loses phone lines" });
    await user.keyboard("{End}jjj");
    expect(screen.queryByRole("button", { name: "Retry ticket" })).toBeNull();
    await user.keyboard("t");
    expect(app.calls.some((call) => call.name === "retry_tickets")).toBe(false);
    await user.keyboard("kk");
    app.world.failing = { retry_tickets: { code: "not_found", message: "this ticket did not fail", hint: null } };
    await user.keyboard("t");
    expect(await screen.findByRole("heading", { name: "The failed tickets were not planned" })).toBeTruthy();
    app.world.failing = {};
    await user.click(screen.getByRole("button", { name: "Retry ticket" }));
    await waitFor(() => expect(window.location.hash).toBe("#/plan/41"));
    expect(app.calls.filter((call) => call.name === "retry_tickets").at(-1)?.request).toEqual({ run: 2416, tickets: [1] });
  });

  it("waits with a retry for the end of the run", async () => {
    const { app } = at(2416);
    await screen.findByRole("button", { name: "Retry 2 failed" });
    act(() => app.tell("run", { ...progressOf(2421), result: null }));
    expect((await screen.findByRole("button", { name: /^Retry 2 failed/, description: /at work/ })).getAttribute("aria-disabled")).toBe("true");
  });

  it("finds a ticket with Ctrl F, and goes round the panes with F6", async () => {
    const { user } = at(2416);
    const list = await screen.findByRole("listbox", { name: "Tickets" });
    await user.keyboard("{Control>}f{/Control}csd-1165");
    await waitFor(() => expect(within(list).getAllByRole("option")).toHaveLength(1));
    expect(within(list).getByRole("option").getAttribute("aria-setsize")).toBe("1");
    await user.keyboard("{F6}");
    expect(document.activeElement).toBe(list);
    await user.keyboard("{F6}");
    expect(document.activeElement?.textContent).toBe("Badge photos missing in directory");
    await user.type(screen.getByRole("searchbox", { name: "Find a ticket" }), "x");
    expect(await screen.findByText("Nothing in this run is called “csd-1165x”.")).toBeTruthy();
  });

  it("runs again, and goes to watch it", async () => {
    const { app, user } = at(2416);
    await user.click(await screen.findByRole("button", { name: "Run sync again" }));
    expect(await screen.findByRole("heading", { name: "Sync", level: 1 })).toBeTruthy();
    expect(app.calls.find((call) => call.name === "run_sync")?.request).toEqual({ connection: 1, since_ms: null, plan: null, confirmed: false });
    expect(window.location.hash).toBe("#/sync?connection=1");
  });

  it("says in place why it did not run", async () => {
    const { app, user } = at(2416);
    app.world.failing = { run_sync: { code: "busy", message: "another Lockstep runs on this store", hint: null } };
    await screen.findByRole("button", { name: "Run sync again" });
    await user.keyboard("{Control>}{Enter}{/Control}");
    expect((await screen.findByRole("alert")).textContent).toContain("The run did not start");
    expect(window.location.hash).toBe("#/run/2416");
  });

  it("goes on with a cancelled run from the same start", async () => {
    const { app, user } = at(2102);
    await screen.findByText("Cancelled");
    act(() => app.tell("run", { ...progressOf(2102), since_ms: 77, result: "cancelled" }));
    await user.click(await screen.findByRole("button", { name: "Continue run" }));
    await waitFor(() => expect(app.calls.find((call) => call.name === "run_sync")?.request).toEqual({ connection: 1, since_ms: 77, plan: null, confirmed: false }));
  });

  it("looks first where no run of real platforms has finished", async () => {
    const { app, user } = at(2416);
    const [first] = app.world.connections;
    if (first) first.first_run = true;
    await user.click(await screen.findByRole("button", { name: "Preview first run" }));
    await waitFor(() => expect(window.location.hash).toBe("#/plan/41"));
    expect(app.calls.some((call) => call.name === "run_sync")).toBe(false);
  });

  it("says how long details are kept, as Settings has it", async () => {
    const { app } = at(2236);
    app.world.settings.settings.keep_days = 30;
    expect(await screen.findByText("The run ended as Success. Details of tickets are kept 30 days, counts for ever.")).toBeTruthy();
  });

  it("leads from nothing to do to the filters", async () => {
    const { user } = at(2415);
    await user.click(await screen.findByRole("button", { name: "Open filters" }));
    expect(window.location.hash).toBe("#/connection/1/setup");
  });

  it("has nothing that axe would find", async () => {
    at(2416);
    await screen.findByRole("listbox", { name: "Tickets" });
    expect(await findings()).toEqual([]);
  }, 30_000);
});
