import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { ConnectionDoc } from "../../api/generated/ConnectionDoc";
import type { FieldIds } from "../../api/generated/FieldIds";
import { findings } from "../../test/axe";
import { open } from "../../test/window";

function at(show = "full", more = {}) {
  window.location.hash = "#/conflicts";
  return open(show, more);
}

const radio = (name: RegExp) => screen.getByRole("radio", { name });
const decisions = (calls: { name: string; request: unknown }[]) => calls.filter((call) => call.name === "decide_conflicts").map((call) => call.request);

/** One conflict over the first row of the mapping. */
function next() {
  const opened = at("full");
  const { conflicts, editor } = opened.app.world;
  const picture = editor.pictures.get(1);
  if (picture) picture.draft = null;
  const [row] = picture?.document.type?.[0]?.field ?? [];
  const type = picture?.document.type?.[0]?.name ?? "";
  const ids = (of: FieldIds | undefined) => [of ?? []].flat().join("+");
  opened.app.world.conflicts = conflicts.filter((conflict) => conflict.id === 15).map((conflict) => ({ ...conflict, type_mapping: type, mapping: `${ids(row?.source)}=${ids(row?.target)}` }));
  return opened;
}

describe("Conflicts", () => {
  it("lists pairs oldest first, the decided below, and groups the fields of a pair", async () => {
    at();
    const open = within(await screen.findByRole("listbox", { name: "Open, oldest first" })).getAllByRole("option");
    expect(open.map((option) => option.textContent.slice(0, 11))).toEqual(["RITM0031907", "RITM0031911", "INC0048188 "]);
    expect(within(screen.getByRole("listbox", { name: /^Decided/ })).getAllByRole("option")).toHaveLength(1);
    expect(screen.getAllByRole("rowheader")).toHaveLength(3);
    expect(screen.getAllByRole("radio").filter((one) => (one as HTMLInputElement).checked)).toHaveLength(0);
  });

  it("underlines the words that changed", async () => {
    at();
    const cell = (await screen.findByRole("radio", { name: /Laptop and dock/ })).closest("td");
    expect([...(cell?.querySelectorAll("mark") ?? [])].map((mark) => mark.textContent)).toEqual(["and dock", "reception"]);
  });

  it("shows what will be written, and writes only what was chosen", async () => {
    const { app, user } = at();
    await user.click(await screen.findByRole("radio", { name: /Laptop and dock/ }));
    await user.click(radio(/19 May 2026/));
    const writes = screen.getByRole("region", { name: "What will be written" });
    expect(within(writes).getAllByRole("listitem").map((item) => item.textContent)).toEqual(["JiShort descriptionLaptop and dock for ward 7 reception", "SnDue date19 May 2026"]);
    await user.click(screen.getByRole("button", { name: "Write chosen values" }));
    expect(decisions(app.calls)).toEqual([[{ conflict: 11, choice: "source", mark: "mark11" }, { conflict: 12, choice: "target", mark: "mark12" }]]);
    expect(await screen.findByText(/2 fields decided/)).toBeTruthy();
  });

  it("goes by keyboard: digits choose, arrows change the field, J the ticket, Ctrl Enter writes", async () => {
    const { app, user } = at();
    await screen.findByRole("table", { name: "Fields in conflict" });
    await user.keyboard("1");
    expect((radio(/Laptop and dock/) as HTMLInputElement).checked).toBe(true);
    await user.keyboard("{ArrowDown}2{ArrowDown}3");
    expect((radio(/19 May/) as HTMLInputElement).checked).toBe(true);
    await user.keyboard("{Control>}{Enter}{/Control}");
    await waitFor(() => expect(decisions(app.calls)).toEqual([[
      { conflict: 11, choice: "source", mark: "mark11" }, { conflict: 12, choice: "target", mark: "mark12" }, { conflict: 13, choice: "leave", mark: "mark13" },
    ]]));
    await user.keyboard("j");
    expect(await screen.findByRole("heading", { name: /^RITM|^INC/, level: 2 })).toBeTruthy();
  });

  it("says in place that values changed meanwhile, and takes the choice back", async () => {
    const { app, user } = at();
    await user.click(await screen.findByRole("radio", { name: /19 May/ }));
    const changed = app.world.conflicts.find((conflict) => conflict.id === 12);
    if (changed) Object.assign(changed, { mark: "new", target: "21 May 2026" });
    await user.click(screen.getByRole("button", { name: "Write chosen values" }));
    expect(await screen.findByRole("heading", { name: "Nothing was decided" })).toBeTruthy();
    expect((await screen.findByRole<HTMLInputElement>("radio", { name: /21 May/ })).checked).toBe(false);
    expect(screen.getByText("Changed since you chose")).toBeTruthy();
  });

  it("cannot choose what the other side cannot hold, and says why", async () => {
    const { user } = at();
    await user.click(await screen.findByRole("option", { name: /RITM0031911/ }));
    expect((radio(/Storage/) as HTMLInputElement).disabled).toBe(true);
    expect(screen.getByText(/ServiceNow cannot hold this value/)).toBeTruthy();
  });

  it("leaves for later: nothing is sent, the next ticket is shown", async () => {
    const { app, user } = at();
    await user.click(await screen.findByRole("radio", { name: /19 May/ }));
    await user.click(screen.getByRole("button", { name: "Leave for later" }));
    expect(screen.getByRole("heading", { name: "RITM0031911 ⇄ CSD-1105" })).toBeTruthy();
    expect(decisions(app.calls)).toEqual([]);
  });

  it("has single-letter keys only while they are on", async () => {
    window.localStorage.setItem("lockstep.preferences", JSON.stringify({ letters: "off" }));
    const { user } = at();
    await screen.findByRole("table", { name: "Fields in conflict" });
    await user.keyboard("1j");
    expect((radio(/Laptop and dock/) as HTMLInputElement).checked).toBe(false);
  });

  it("offers a run right after deciding, of the connection that was decided", async () => {
    const { app, user } = at();
    await user.click(await screen.findByRole("radio", { name: /19 May 2026/ }));
    await user.click(screen.getByRole("button", { name: "Write chosen values" }));
    const line = await screen.findByRole("region", { name: "Next run of Pellworth requests" });
    await waitFor(() => expect(line.textContent).toContain("2 fields of Pellworth requests decided. Written by the next run."));
    // Its run is at work in this world.
    expect(within(line).getByRole("button", { name: "Watch run" })).toBeTruthy();
    const [, working] = app.world.working;
    if (working?.connection !== 4) throw new Error("another run is at work");
    app.tell("run", { ...working, result: "success" });
    await user.click(await within(line).findByRole("button", { name: "Run sync" }));
    expect(app.calls.find((call) => call.name === "run_sync")?.request).toEqual({ connection: 4, since_ms: null, plan: null, confirmed: false });
  });

  it("previews what was decided", async () => {
    const { app, user } = at("full", { working: [] });
    const line = await screen.findByRole("region", { name: "Next run of Pellworth requests" });
    await user.click(within(line).getByRole("button", { name: "Preview" }));
    await waitFor(() => expect(window.location.hash).toBe("#/plan/41"));
    expect(app.calls.find((call) => call.name === "plan_sync")?.request).toEqual({ connection: 4, since_ms: null });
  });

  it("decides all with one side, leaves open what that side cannot give, and says how many", async () => {
    const { app, user } = at();
    await user.click(await screen.findByRole("button", { name: "Decide all with…" }));
    const dialog = screen.getByRole("dialog", { name: "Decide all" });
    expect(within(dialog).getByText("5 fields of 3 tickets are open.")).toBeTruthy();
    expect(within(dialog).getByRole("button", { name: /^Decide/ }).getAttribute("aria-disabled")).toBe("true");
    expect(within(dialog).getByText("1 stays open: the other side cannot hold its value.")).toBeTruthy();
    await user.click(within(dialog).getByRole("radio", { name: /^Jira, the target: 4 fields/ }));
    await user.click(within(dialog).getByRole("button", { name: "Decide 4 fields" }));
    expect(await screen.findByText("4 fields decided. The next run writes them.")).toBeTruthy();
    expect(decisions(app.calls)).toEqual([[11, 12, 13, 15].map((conflict) => ({ conflict, choice: "target", mark: `mark${conflict}` }))]);
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(await screen.findByRole("heading", { name: "RITM0031911 ⇄ CSD-1105" })).toBeTruthy();
  });

  it("takes the newest where it is known", async () => {
    const { app, user } = at();
    const [laptop] = app.world.conflicts;
    if (laptop) laptop.source_changed_ms = (laptop.target_changed_ms ?? 0) + 1;
    const unknown = app.world.conflicts.find((conflict) => conflict.id === 15);
    if (unknown) unknown.target_changed_ms = null;
    await user.click(await screen.findByRole("button", { name: "Decide all with…" }));
    expect(screen.getByText(/^2 stay open: which is newest is not known, or/)).toBeTruthy();
    await user.click(screen.getByRole("radio", { name: /^The newest/ }));
    await user.click(screen.getByRole("button", { name: "Decide 3 fields" }));
    await waitFor(() => expect(decisions(app.calls)).toEqual([[
      { conflict: 11, choice: "source", mark: "mark11" }, { conflict: 12, choice: "target", mark: "mark12" }, { conflict: 13, choice: "target", mark: "mark13" },
    ]]));
  });

  it("sets what happens the next time, as a version of the mapping, and takes it back", async () => {
    const { app, user } = next();
    app.world.editor.check = () => [];
    await user.selectOptions(await screen.findByRole("combobox", { name: "Next time State changes on both sides" }), "Newest wins");
    expect(await screen.findByText("Next time State changes on both sides: Newest wins.")).toBeTruthy();
    const saved = () => app.calls.filter((call) => call.name === "save_document").map((call) => (call.request as { document: ConnectionDoc }).document.type?.[0]?.field[0]?.on_conflict);
    expect(saved()).toEqual(["newest_wins"]);
    await user.click(screen.getByRole("button", { name: "Undo" }));
    await waitFor(() => expect(saved()).toEqual(["newest_wins", "ask"]));
  });

  it("says that a mapping with an error keeps it as a draft only", async () => {
    const { user } = next();
    await user.selectOptions(await screen.findByRole("combobox", { name: "Next time State changes on both sides" }), "Newest wins");
    expect((await screen.findByRole("alert")).textContent).toContain("The mapping has errors, so this was kept as a draft.");
  });

  it("leaves changes that are not saved to who made them", async () => {
    const { app, user } = next();
    const picture = app.world.editor.pictures.get(1);
    if (picture) picture.draft = { document: picture.document, based_on: picture.revision, saved_ms: 0 };
    await user.selectOptions(await screen.findByRole("combobox", { name: "Next time State changes on both sides" }), "Jira wins");
    expect((await screen.findByRole("alert")).textContent).toContain("The mapping has changes that are not saved.");
    expect(app.calls.some((call) => call.name === "save_document")).toBe(false);
    await user.click(screen.getByRole("button", { name: "Open mapping" }));
    expect(window.location.hash).toBe("#/connection/1/mapping");
  });

  it("keeps the dialog with the reason when values changed meanwhile", async () => {
    const { app, user } = at();
    await user.click(await screen.findByRole("button", { name: "Decide all with…" }));
    await user.click(screen.getByRole("radio", { name: /the source: 5 fields/ }));
    const changed = app.world.conflicts.find((conflict) => conflict.id === 11);
    if (changed) changed.mark = "new";
    await user.click(screen.getByRole("button", { name: "Decide 5 fields" }));
    expect(await within(screen.getByRole("dialog")).findByRole("heading", { name: "Nothing was decided" })).toBeTruthy();
  });

  it("opens the pair that an address names, whatever was filtered", async () => {
    window.localStorage.setItem("lockstep.conflicts", JSON.stringify({ connection: "4" }));
    window.location.hash = "#/conflicts?ticket=CSD-1174";
    const { user } = open("full");
    expect(await screen.findByRole("heading", { name: "INC0048188 ⇄ CSD-1174" })).toBeTruthy();
    await user.selectOptions(screen.getByRole("combobox", { name: "Connection" }), "Pellworth requests");
    await waitFor(() => expect(screen.queryByRole("heading", { name: "INC0048188 ⇄ CSD-1174" })).toBeNull());
  });

  it("finds a conflict with Ctrl F, and decides all of what is found alone", async () => {
    const { app, user } = at();
    await screen.findByRole("table", { name: "Fields in conflict" });
    await user.keyboard("{Control>}f{/Control}inc0048188");
    expect(await screen.findByRole("heading", { name: "INC0048188 ⇄ CSD-1174" })).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Decide all with…" }));
    await user.click(screen.getByRole("radio", { name: /the source: 1 field/ }));
    await user.click(screen.getByRole("button", { name: "Decide 1 field" }));
    await waitFor(() => expect(decisions(app.calls)).toEqual([[{ conflict: 15, choice: "source", mark: "mark15" }]]));
  });

  it("opens both tickets in the browser", async () => {
    const { app, user } = at();
    await user.click(await screen.findByRole("button", { name: "Open in Jira" }));
    await user.keyboard("o");
    expect(app.calls.filter((call) => call.name === "open_ticket").map((call) => call.request)).toEqual([
      { connection: "Pellworth requests", side: "target", key: "CSD-1102" }, { connection: "Pellworth requests", side: "source", key: "RITM0031907" },
    ]);
  });

  it("is empty with a reason", async () => {
    at("calm");
    expect(await screen.findByRole("heading", { name: "No conflicts" })).toBeTruthy();
    expect(screen.getByText("Fields that flow one way never conflict.")).toBeTruthy();
  });

  it("shows an error in place and tries again", async () => {
    const { app, user } = at("full", { failing: { list_conflicts: { code: "store", message: "the store is busy", hint: null } } });
    expect(await screen.findByRole("heading", { name: "The conflicts could not be read" })).toBeTruthy();
    app.world.failing = {};
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("table", { name: "Fields in conflict" })).toBeTruthy();
  });

  it("has nothing for axe to find", async () => {
    at();
    await screen.findByRole("table", { name: "Fields in conflict" });
    expect(await findings()).toEqual([]);
  });
});
