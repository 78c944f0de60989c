import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { largePlan } from "../../api/memory-plans-data";
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
    expect(screen.getByRole("link", { name: "INC0048188 ⇄ CSD-1174" }).getAttribute("href")).toBe("#/conflicts");
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
