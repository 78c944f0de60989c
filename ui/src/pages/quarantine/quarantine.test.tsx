import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { linkView } from "../../api/memory-tickets-data";
import { findings } from "../../test/axe";
import { open } from "../../test/window";

function at(show = "full", more = {}) {
  window.location.hash = "#/quarantine";
  return open(show, more);
}

describe("Quarantine", () => {
  it("groups by cause with the remedy, and retries all of a cause", async () => {
    const { app, user } = at();
    const cause = await screen.findByRole("region", { name: /^Resolution is required ?, 4 tickets$/ });
    expect(within(cause).getByText(/Set Resolution for this pair/)).toBeTruthy();
    await user.click(within(cause).getByRole("button", { name: "Retry 4" }));
    expect(app.calls.find((call) => call.name === "retry_quarantined")?.request).toEqual({ tickets: [1, 2, 3, 4] });
    expect(await screen.findByText("The next run tries 4 tickets again.")).toBeTruthy();
    await waitFor(() => expect(screen.queryByRole("region", { name: /^Resolution is required/ })).toBeNull());
    expect(screen.getByRole("heading", { name: "RITM0031920", level: 2 })).toBeTruthy();
  });

  it("offers the run that tries them again, until it has begun", async () => {
    const { app, user } = at("full", { working: [] });
    await user.click(await screen.findByRole("button", { name: "Retry 4" }));
    const line = await screen.findByRole("region", { name: "Next run of Dunmarrow incidents" });
    expect(line.textContent).toContain("The next run of Dunmarrow incidents tries 3 tickets again.");
    expect(screen.getByRole("region", { name: "Next run of Quillmark support" }).textContent).toContain("1 ticket again.");
    await user.click(within(line).getByRole("button", { name: "Run sync" }));
    expect(app.calls.find((call) => call.name === "run_sync")?.request).toEqual({ connection: 1, since_ms: null, plan: null, confirmed: false });
    await waitFor(() => expect(screen.queryByRole("region", { name: "Next run of Dunmarrow incidents" })).toBeNull());
    expect(screen.getByRole("region", { name: "Next run of Quillmark support" })).toBeTruthy();
  });

  it("walks over the borders of causes and retries one ticket by key", async () => {
    const { app, user } = at();
    await screen.findByRole("heading", { name: "CSD-1179", level: 2 });
    await user.keyboard("jjjj");
    expect(screen.getByRole("heading", { name: "RITM0031920", level: 2 })).toBeTruthy();
    await user.keyboard("t");
    await waitFor(() => expect(app.calls.find((call) => call.name === "retry_quarantined")?.request).toEqual({ tickets: [5] }));
  });

  it("explains a ticket, with the first no marked", async () => {
    const { user } = at();
    await user.click(await screen.findByRole("button", { name: "Explain this ticket" }));
    const chain = await screen.findByRole("list", { name: "What each step answered" });
    const steps = within(chain).getAllByRole("listitem");
    expect(steps.map((step) => step.className)).toEqual(["", "", "", "chain-no", "chain-later"]);
    expect(steps[3]?.textContent).toContain("Not in quarantine: no.");
  });

  it("opens the ticket that an address names", async () => {
    window.localStorage.setItem("lockstep.quarantine", JSON.stringify({ connection: "1" }));
    window.location.hash = "#/quarantine?ticket=RITM0031920";
    open("full");
    expect(await screen.findByRole("heading", { name: "RITM0031920", level: 2 })).toBeTruthy();
  });

  it("opens the tickets of both sides, and only the one that is there", async () => {
    const { app, user } = at();
    await user.click(await screen.findByRole("button", { name: "Open in Jira" }));
    expect(screen.getByRole("button", { name: "Open in ServiceNow" })).toBeTruthy();
    await user.keyboard("jjjjo");
    expect(screen.queryByRole("button", { name: "Open in Jira" })).toBeNull();
    expect(app.calls.filter((call) => call.name === "open_ticket").map((call) => call.request)).toEqual([
      { connection: "Dunmarrow incidents", side: "target", key: "CSD-1179" }, { connection: "Pellworth requests", side: "source", key: "RITM0031920" },
    ]);
  });

  it("finds a ticket by its partner or title with Ctrl F, and goes round the panes with F6", async () => {
    const { user } = at();
    await screen.findByRole("heading", { name: "CSD-1179", level: 2 });
    await user.keyboard("{Control>}f{/Control}theatre");
    expect(await screen.findByRole("heading", { name: "RITM0031920", level: 2 })).toBeTruthy();
    expect(screen.getByText("Second monitor for the theatre desk", { selector: "p" })).toBeTruthy();
    expect(screen.queryByRole("option", { name: /CSD-1179/ })).toBeNull();
    await user.keyboard("x");
    expect(await screen.findByText("Nothing here is called “theatrex”.")).toBeTruthy();
    await user.keyboard("{Escape}{F6}");
    expect(document.activeElement?.closest("[data-pane]")?.getAttribute("aria-label")).toBe("Tickets in quarantine");
    await user.keyboard("{F6}");
    expect(document.activeElement?.tagName).toBe("H2");
    await user.keyboard("{Shift>}{F6}{/Shift}");
    expect(document.activeElement?.closest("[data-pane]")?.getAttribute("aria-label")).toBe("Tickets in quarantine");
  });

  it("leads from the cause to where it is mended", async () => {
    const { user } = at();
    await screen.findByRole("heading", { name: "CSD-1179", level: 2 });
    await user.keyboard("jjjj");
    expect(screen.queryByRole("button", { name: "Open mapping" })).toBeNull();
    await user.click(screen.getByRole("button", { name: "Open templates" }));
    expect(window.location.hash).toBe("#/connection/4/templates");
  });

  it("skips a change after showing what is given up, and only exactly that", async () => {
    const { app, user } = at();
    await user.click(await screen.findByRole("button", { name: "Skip this change…" }));
    const dialog = screen.getByRole("alertdialog", { name: "Skip this change of CSD-1179?" });
    expect(document.activeElement?.textContent).toBe("Keep in quarantine");
    expect(await within(dialog).findByText("Status: In Progress → Resolved")).toBeTruthy();
    app.world.failing = { skip_change: { code: "invalid", message: "CSD-1179 has changed since this was shown, so nothing was skipped", hint: null } };
    await user.click(within(dialog).getByRole("button", { name: "Skip this change" }));
    expect(await within(dialog).findByRole("heading", { name: "Nothing was skipped" })).toBeTruthy();
    app.world.failing = {};
    await user.click(within(dialog).getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(within(dialog).getByRole("button", { name: "Skip this change" }).getAttribute("aria-disabled")).toBeNull());
    await user.click(within(dialog).getByRole("button", { name: "Skip this change" }));
    expect(await screen.findByText("The change of CSD-1179 is skipped. It stays in step from now on.")).toBeTruthy();
    const marks = app.calls.filter((call) => call.name === "skip_change").map((call) => (call.request as { mark: string | null }).mark);
    expect([marks[0], marks.at(-1)]).toEqual([null, "skip1"]);
    await waitFor(() => expect(screen.queryByRole("option", { name: /CSD-1179/ })).toBeNull());
  });

  it("unlinks after asking, with the focus on the safe button", async () => {
    const { app, user } = at();
    app.world.links = [linkView({ id: 1, source: "INC0048197", target: "CSD-1179" })];
    await user.click(await screen.findByRole("button", { name: "Unlink…" }));
    const dialog = screen.getByRole("dialog", { name: "Unlink INC0048197 ⇄ CSD-1179?" });
    expect(document.activeElement?.textContent).toBe("Keep linked");
    expect(within(dialog).getByText("Both tickets stay as they are. Lockstep stops copying between them.")).toBeTruthy();
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(document.activeElement?.textContent).toBe("Unlink…");
    await user.click(screen.getByRole("button", { name: "Unlink…" }));
    await user.click(screen.getByRole("button", { name: "Unlink" }));
    expect(await screen.findByText("INC0048197 ⇄ CSD-1179 is not linked any more.")).toBeTruthy();
  });

  it("keeps the dialog open when unlinking fails", async () => {
    const { user } = at("full", { failing: { unlink: { code: "unreachable", message: "Jira does not answer", hint: "Try later." } } });
    await user.click(await screen.findByRole("button", { name: "Unlink…" }));
    await user.click(screen.getByRole("button", { name: "Unlink" }));
    expect(await within(screen.getByRole("dialog")).findByText("Jira does not answer.")).toBeTruthy();
  });

  it("is empty with a reason, and shows an error in place", async () => {
    const { app } = at("calm");
    expect(await screen.findByRole("heading", { name: "Nothing in quarantine" })).toBeTruthy();
    app.world.failing = { list_quarantine: { code: "store", message: "the store is busy", hint: null } };
    app.tell("run", { run: 1, connection: 1, connection_name: "x", started_ms: 0, phase: "confirm", counts: { read: 0, planned: 0, done: 0, created: 0, updated: 0, closed: 0, failed: 0, skipped: 0, comments: 0, files: 0, linked: 0, conflicts: 0 }, waits: [], planning: false, since_ms: null, held: [], plan: null, tickets: [], result: "success" });
    expect(await screen.findByRole("heading", { name: "The quarantine could not be read" })).toBeTruthy();
  });

  it("has nothing for axe to find, with the explanation open", async () => {
    const { user } = at();
    await user.click(await screen.findByRole("button", { name: "Explain this ticket" }));
    await screen.findByRole("list", { name: "What each step answered" });
    expect(await findings()).toEqual([]);
  });
});
