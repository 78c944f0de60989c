import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import axe from "axe-core";
import { describe, expect, it, vi } from "vitest";
import type { ConnectionDoc } from "../../../api/generated/ConnectionDoc";
import type { FieldMapping } from "../../../api/generated/FieldMapping";
import type { FoundProblem } from "../../../api/generated/FoundProblem";
import type { ValuePair } from "../../../api/generated/ValuePair";
import { stillNow } from "../../../api/memory-data";
import { editorDesk } from "../../../api/memory-editing-data";
import { setTheme } from "../../../lib/theme";
import { pick } from "../../../test/pick";
import { open } from "../../../test/window";

async function editor(more: Parameters<typeof open>[1] = {}) {
  window.location.hash = "#/connection/1/mapping";
  const opened = open("full", more);
  await screen.findByRole("row", { name: /^Short description/ });
  await screen.findByText(/^Checked .* against fields read/);
  return { ...opened, world: opened.app.world.editor };
}

function row(name: RegExp) {
  return screen.getByRole("row", { name });
}

/** Opens State and answers with its two columns. */
async function stateOpen(user: Awaited<ReturnType<typeof editor>>["user"]) {
  row(/^State/).focus();
  await user.keyboard("{ArrowRight}");
  return { source: screen.getByRole("listbox", { name: "State values, ServiceNow" }), target: screen.getByRole("listbox", { name: "Status values, Jira" }) };
}

function value(list: HTMLElement, name: RegExp) {
  return within(list).getByRole("option", { name });
}

/** A chip of the drawing, which screen readers do not see, by its tooltip. */
function chip(title: string): Element {
  const found = [...document.querySelectorAll(".value-drawing title")].find((each) => each.textContent === title)?.parentElement;
  if (found == null) throw new Error(`no chip says ${title}`);
  return found;
}

function calls(app: ReturnType<typeof open>["app"], name: string) {
  return app.calls.filter((call) => call.name === name);
}

function statePairs(document: ConnectionDoc): ValuePair[] {
  const found = document.type?.[0]?.field.find((each) => each.source === "state");
  return found?.rule.kind === "values" ? found.rule.pair : [];
}

// A busy machine takes longer than the usual five seconds.
vi.setConfig({ testTimeout: 30_000 });

describe("the value map", () => {
  it("names each value with its tickets, its partners and its trouble", async () => {
    const { user } = await editor();
    const { source, target } = await stateOpen(user);
    await waitFor(() => expect(value(source, /^On Hold/).textContent).toContain("On Hold, 41 tickets, paired with Waiting for customer both ways and Pending vendor both ways, error"));
    expect(value(source, /^Canceled/).textContent).toContain("Canceled, 17 tickets, unpaired");
    expect(value(target, /^Escalated/).textContent).toContain("Escalated, 8 tickets, paired with In Progress one way to it");
    expect(value(target, /^Closed/).textContent).toContain("warning, not from Escalated");
  });

  it("pairs with the keyboard alone, and takes it back", async () => {
    const { user } = await editor();
    const { source, target } = await stateOpen(user);
    value(source, /^Canceled/).focus();
    await user.keyboard(" ");
    expect(screen.getByText("Pair Canceled with Won’t do?")).toBeTruthy();
    expect(document.activeElement).toBe(value(target, /^Won’t do/));
    await user.keyboard("{ArrowUp}");
    expect(screen.getByText("Pair Canceled with Closed?")).toBeTruthy();
    await user.keyboard("{ArrowDown}{Enter}");
    expect(value(source, /^Canceled/).textContent).toContain("paired with Won’t do both ways");
    expect(document.activeElement).toBe(value(source, /^Canceled/));
    expect(screen.getByText("Canceled paired with Won’t do: Bidirectional.")).toBeTruthy();
    await user.keyboard("{Control>}z{/Control}");
    expect(value(source, /^Canceled/).textContent).toContain("unpaired");
  });

  it("gives the way back to a pair and takes it away by its box", async () => {
    const { user } = await editor();
    const { source } = await stateOpen(user);
    await user.click(value(source, /^On Hold/));
    const box = () => screen.getByRole("checkbox", { name: "Use on the way back" });
    await user.click(box());
    expect(value(source, /^On Hold/).textContent).toContain("Waiting for customer both ways and Pending vendor one way from it");
    expect(box()).toHaveProperty("checked", true);
    await user.click(box());
    expect(value(source, /^On Hold/).textContent).toContain("Waiting for customer one way from it and Pending vendor one way from it");
    expect(box()).toHaveProperty("checked", false);
  });

  it("marks a status out of reach on the side it is on", async () => {
    const desk = editorDesk(stillNow);
    const schema = desk.offers.source.schema;
    if (schema === null) throw new Error("no schema");
    desk.offers.source = { ...desk.offers.source, schema: { ...schema, free: false, steps: schema.steps } };
    desk.check = () => [{
      level: "warning", code: "status_unreachable", place: { type_mapping: "Incident", part: "field", index: 2, key: "state=status", label: "State ↔ Status", pair: 0 }, place_label: "Incident",
      message: "ServiceNow has no way from In Progress to New.", fix: "Pair with another.", remedies: [], about: { side: "source", values: ["1"] },
    }];
    const { user } = await editor({ editor: desk });
    const { source, target } = await stateOpen(user);
    await waitFor(() => expect(value(source, /^New/).textContent).toContain("warning, not from In Progress"));
    expect(value(target, /^Open/).textContent).not.toContain("warning");
  });

  it("stops pairing on Escape", async () => {
    const { user } = await editor();
    const { source } = await stateOpen(user);
    value(source, /^Canceled/).focus();
    await user.keyboard(" {Escape}");
    expect(screen.queryByText(/^Pair Canceled.*\?$/)).toBeNull();
    expect(document.activeElement).toBe(value(source, /^Canceled/));
    expect(value(source, /^Canceled/).textContent).toContain("unpaired");
  });

  it("walks along lines, turns, decides the way back, reaches the needed fields, and unpairs", async () => {
    const { user } = await editor();
    const { source, target } = await stateOpen(user);
    value(source, /^On Hold/).focus();
    await user.keyboard("{ArrowRight}");
    expect(document.activeElement).toBe(value(target, /^Waiting for customer/));
    await user.keyboard("r");
    expect(value(source, /^On Hold/).textContent).toContain("Waiting for customer both ways and Pending vendor one way from it");
    await user.keyboard("{ArrowLeft}d");
    expect(value(source, /^On Hold/).textContent).toContain("Waiting for customer one way to it");
    await user.keyboard("{ArrowDown}e");
    await waitFor(() => expect(screen.getByRole("region", { name: "Selected pair" }).contains(document.activeElement)).toBe(true));
    await user.keyboard("{Escape}{Delete}");
    expect(value(source, /^Resolved/).textContent).toContain("unpaired");
    await user.click(value(source, /^New/));
    await user.click(screen.getByRole("button", { name: "Remove pair" }));
    expect(value(source, /^New/).textContent).toContain("unpaired");
    expect(document.activeElement).toBe(value(source, /^New/));
  });

  it("selects a line by a click, turns it at its chip, and draws a suggestion at its own", async () => {
    const { user } = await editor();
    const { source } = await stateOpen(user);
    const drawing = source.parentElement?.querySelector("svg.value-drawing");
    const line = drawing?.querySelector('[data-line="6=5"]');
    if (line == null) throw new Error("no line");
    await user.click(line);
    expect(screen.getByRole("region", { name: "Selected pair" }).textContent).toContain("fields this status change needs");
    await user.click(chip("Resolved ⇄ Resolved. Turn its direction"));
    expect(value(source, /^Resolved/).textContent).toContain("Resolved one way to it");
    await waitFor(() => chip("Pair these two values"));
    await user.click(chip("Pair these two values"));
    expect(value(source, /^Canceled/).textContent).toContain("paired with Won’t do");
  });

  it("draws a pair from port to port", async () => {
    const { user } = await editor();
    const { source } = await stateOpen(user);
    const drawing = source.parentElement?.querySelector("svg.value-drawing");
    const port = drawing?.querySelector('[data-port="source 8"]');
    if (drawing == null || port == null) throw new Error("no port");
    // jsdom places the drawing at 0, 0: row 7 of the target is Won’t do.
    const point = (at: Element, name: string, x: number, y: number) => fireEvent(at, new MouseEvent(name, { bubbles: true, button: 0, clientX: x, clientY: y }));
    point(port, "pointerdown", 0, 5 * 28 + 14);
    point(drawing, "pointermove", 80, 180);
    point(drawing, "pointerup", 150, 7 * 28 + 14);
    expect(value(source, /^Canceled/).textContent).toContain("paired with Won’t do both ways");
  });

  it("shows the same pairs as a grid", async () => {
    const { user } = await editor();
    await stateOpen(user);
    await user.click(screen.getByRole("button", { name: "Table" }));
    const grid = screen.getByRole("grid", { name: "Pairs of State and Status" });
    expect(within(grid).getAllByRole("button", { name: /^Remove pair/ })).toHaveLength(7);
    expect(within(grid).getByText("not from Escalated")).toBeTruthy();
    await user.click(within(grid).getByRole("button", { name: "Remove pair New and Open" }));
    expect(within(grid).getAllByRole("button", { name: /^Remove pair/ })).toHaveLength(6);
    expect(document.activeElement).toBe(within(grid).getByRole("button", { name: "Remove pair In Progress and In progress" }));
    const last = within(grid).getByRole("row", { name: /^Closed/ });
    last.focus();
    await user.keyboard("{Delete}");
    expect(document.activeElement).toBe(within(grid).getByRole("row", { name: /^Resolved/ }));
    await user.keyboard("{Control>}z{/Control}");
    await pick(user, within(grid).getByRole("button", { name: "ServiceNow value of the new pair" }), "New");
    await pick(user, within(grid).getByRole("button", { name: "Jira value of the new pair" }), "Open");
    expect(within(grid).getByRole("button", { name: "New and Open: Bidirectional. Turn" })).toBeTruthy();
  });

  it("says what happens to everything else, each way", async () => {
    const { app, user } = await editor();
    await stateOpen(user);
    await user.selectOptions(screen.getByRole("combobox", { name: "Everything else, ServiceNow to Jira" }), "Leave Status as it is");
    await waitFor(() => expect(calls(app, "save_draft")).toHaveLength(1));
    const sent = calls(app, "save_draft")[0]?.request as { document: ConnectionDoc };
    expect(sent.document.type?.[0]?.field.find((each) => each.source === "state")?.rule).toMatchObject({ otherwise: "leave", otherwise_back: "leave" });
  });

  it("supplies what a status change needs from a field, and says where nothing is chosen", async () => {
    const { app, user } = await editor();
    const { source } = await stateOpen(user);
    await user.click(value(source, /^Resolved/));
    const card = screen.getByRole("region", { name: "Selected pair" });
    const code = within(card).getByRole("combobox", { name: "ServiceNow: Close code" });
    await user.selectOptions(code, "Jira: Root cause");
    await user.selectOptions(within(card).getByRole("combobox", { name: "Jira: Resolution" }), "Choose…");
    expect(within(card).getByRole("combobox", { name: "Jira: Resolution" }).getAttribute("aria-invalid")).toBe("true");
    await waitFor(() => expect(calls(app, "save_draft").length).toBeGreaterThan(0));
    const pair = statePairs((calls(app, "save_draft").at(-1)?.request as { document: ConnectionDoc }).document).find((each) => each.source === "6");
    expect(pair?.source_needs?.[0]).toEqual({ field: "close_code", from: { field: "root_cause" } });
    expect(pair?.target_needs).toBeUndefined();
    expect(await screen.findByText("Jira asks for Resolution on the way to Resolved.")).toBeTruthy();
  });

  it("folds values that nobody needs, beyond twelve a side", async () => {
    const desk = editorDesk(stillNow);
    const status = desk.offers.target.schema;
    if (status === null) throw new Error("no schema");
    status.statuses = [...status.statuses, ...Array.from({ length: 292 }, (_, at) => ({ id: `x${at}`, label: `Step ${at}`, done: false }))];
    const { user } = await editor({ editor: desk });
    const { target } = await stateOpen(user);
    const fold = await within(target).findByRole("option", { name: "+ 292 more without tickets" });
    expect(within(target).getAllByRole("option")).toHaveLength(9);
    value(target, /^Won’t do/).focus();
    await user.keyboard("{ArrowDown}");
    expect(document.activeElement).toBe(fold);
    await user.keyboard("{ArrowUp}");
    expect(document.activeElement).toBe(value(target, /^Won’t do/));
    await user.keyboard("{End}{Enter}");
    expect(within(target).getAllByRole("option")).toHaveLength(300);
    await waitFor(() => expect(document.activeElement).toBe(value(target, /^Step 0,/)));
  });

  it("pairs with a folded value by keys alone", async () => {
    const desk = editorDesk(stillNow);
    const status = desk.offers.target.schema;
    if (status === null) throw new Error("no schema");
    status.statuses = [...status.statuses, ...Array.from({ length: 20 }, (_, at) => ({ id: `x${at}`, label: `Step ${at}`, done: false }))];
    const { user } = await editor({ editor: desk });
    const { source, target } = await stateOpen(user);
    await within(target).findByRole("option", { name: "+ 20 more without tickets" });
    value(source, /^Canceled/).focus();
    await user.keyboard(" {End}{Enter}");
    expect(await screen.findByText("Pair Canceled with Step 0?")).toBeTruthy();
    await user.keyboard("{ArrowDown}{Enter}");
    expect(value(source, /^Canceled/).textContent).toContain("paired with Step 1 both ways");
  });
});

describe("problems", () => {
  it("come errors first, each with its place and one button", async () => {
    await editor();
    const bar = screen.getByRole("region", { name: "Problems" });
    await within(bar).findByRole("button", { name: "State: Canceled" });
    expect(within(bar).getAllByRole("listitem").map((item) => within(item).getAllByRole("button").map((button) => button.textContent))).toEqual([
      ["State: On Hold", "Make Pending vendor ← only"], ["Status: Closed", "Choose another…"], ["State: Canceled", "Pair Canceled with Won’t do"],
    ]);
    expect(within(bar).getByText("Expect such tickets to be reported, or pair with a status that can be reached from there.")).toBeTruthy();
    expect(within(bar).getByText(/^Checked .+ against fields read .+$/)).toBeTruthy();
    expect(within(bar).getByText("Automatic sync keeps using the saved mapping until the error is fixed.")).toBeTruthy();
  });

  it("are fixed by their button as one step, and the draft can then be saved", async () => {
    const { app, user, world } = await editor();
    expect(screen.getByText("3 unsaved changes. Fix 1 error to put them to use.")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Make Pending vendor ← only" }));
    const save = await screen.findByRole("button", { name: "Save mapping" });
    expect(screen.getByText("3 unsaved changes. They apply from the next sync.")).toBeTruthy();
    await user.click(save);
    await waitFor(() => expect(calls(app, "save_document").map((call) => (call.request as { based_on: number }).based_on)).toEqual([7]));
    expect(await screen.findByText(/^In use since/)).toBeTruthy();
    const picture = world.pictures.get(1);
    expect(picture === undefined ? [] : statePairs(picture.document).map((pair) => pair.direction)).toContain("<-");
    expect(picture).toMatchObject({ revision: 8, draft: null });
  });

  it("are stepped through with F8, which opens and focuses the row", async () => {
    const { user } = await editor();
    await user.keyboard("{F8}");
    expect(row(/^State/).getAttribute("aria-expanded")).toBe("true");
    expect(document.activeElement).toBe(row(/^State/));
    expect(screen.getByRole("region", { name: "Selected pair" }).textContent).toContain("Pending vendor");
    await user.keyboard("{F8}");
    expect(screen.getAllByRole("listitem").find((item) => item.getAttribute("aria-current") === "true")?.textContent).toContain("Status: Closed");
  });

  it("lead to another value for one that cannot be reached", async () => {
    const { user } = await editor();
    const bar = screen.getByRole("region", { name: "Problems" });
    await user.click(within(bar).getByRole("button", { name: "Choose another…" }));
    const another = await screen.findByRole("combobox", { name: "Status of the pair" });
    await waitFor(() => expect(document.activeElement).toBe(another));
    await user.selectOptions(another, "Won’t do");
    const source = screen.getByRole("listbox", { name: "State values, ServiceNow" });
    expect(value(source, /^Closed/).textContent).toContain("paired with Won’t do both ways");
    await waitFor(() => expect(within(bar).queryByRole("button", { name: "Status: Closed" })).toBeNull());
  });

  it("show both rows that write one field, and lead to other tabs", async () => {
    const desk = editorDesk(stillNow);
    const twice: FieldMapping = { source: "business_impact", target: "summary", direction: "->", rule: { kind: "copy" } };
    const picture = desk.pictures.get(1);
    if (picture?.draft != null) picture.draft.document = { ...picture.draft.document, type: (picture.draft.document.type ?? []).map((type, at) => (at === 0 ? { ...type, field: [...type.field, twice] } : type)) };
    const last = (picture?.draft?.document.type?.[0]?.field.length ?? 0) - 1;
    const problem = (code: FoundProblem["code"], place: FoundProblem["place"]): FoundProblem => ({ level: "error", code, place, place_label: "Incident", message: `It is ${code}.`, fix: "Mend it.", remedies: [] });
    desk.check = () => [
      problem("written_twice", { type_mapping: "Incident", part: "field", index: last, key: "business_impact=summary", label: "Business impact ↔ Summary" }),
      problem("internal_becomes_public", { type_mapping: "Incident", part: "comments", side: "source" }),
      problem("fallback_missing", { type_mapping: "Task", part: "whole" }),
    ];
    const { user } = await editor({ editor: desk });
    const tabs = () => within(screen.getByRole("navigation", { name: "Parts of this connection" }));
    expect(tabs().getAllByRole("link").map((link) => link.textContent)).toEqual(expect.arrayContaining(["Setup1, 1 error", "Mapping1, 1 error", "Templates1, 1 error"]));
    await user.click(screen.getByRole("button", { name: "Show both" }));
    expect([...document.querySelectorAll(".row-marked")].map((each) => each.getAttribute("data-row"))).toEqual(["0", String(last)]);
    expect(document.activeElement).toBe(row(/^Business impact/));
    await user.keyboard("{ArrowUp}");
    expect(document.querySelector(".row-marked")).toBeNull();
    await user.click(screen.getByRole("button", { name: "Open Templates" }));
    expect((await screen.findByRole("button", { name: "Task" })).getAttribute("aria-pressed")).toBe("true");
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("heading", { name: "No match" })));
    await user.click(screen.getByRole("button", { name: "Show" }));
    expect(await screen.findByRole("treegrid", { name: "Field mappings, Incident" })).toBeTruthy();
    await waitFor(() => expect(document.activeElement).toBe(row(/^Business impact/)));
    await user.click(screen.getByRole("button", { name: "Open Setup" }));
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("heading", { name: "Comments" })));
  });

  it("stay unfixable while the mapping is being checked again", async () => {
    const { user, app } = await editor();
    const fix = screen.getByRole("button", { name: "Make Pending vendor ← only" });
    row(/^Short description/).focus();
    await user.keyboard("{Delete}");
    expect(fix.getAttribute("aria-disabled")).toBe("true");
    await waitFor(() => expect(calls(app, "check_document").length).toBeGreaterThan(1));
    expect(await screen.findByText(/Every create in Jira needs Summary/)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Set fixed value…" }));
    const box = await screen.findByRole("textbox", { name: "Fixed value" });
    await waitFor(() => expect(document.activeElement).toBe(box));
    await user.keyboard("Incident of a customer");
    await waitFor(() => expect(screen.queryByText(/Every create in Jira needs Summary/)).toBeNull());
  });
});

describe("saving", () => {
  it("keeps a draft by itself and says Save draft while an error stands", async () => {
    const { app, user } = await editor();
    expect(screen.getByRole("button", { name: "Save draft" })).toBeTruthy();
    row(/^Short description/).focus();
    await user.keyboard("d");
    expect(screen.getByText(/^4 unsaved changes/)).toBeTruthy();
    expect(calls(app, "save_draft")).toHaveLength(0);
    await waitFor(() => expect(calls(app, "save_draft")).toHaveLength(1));
    await user.click(screen.getByRole("button", { name: "Save draft" }));
    await waitFor(() => expect(calls(app, "save_draft")).toHaveLength(2));
    expect(calls(app, "save_document")).toHaveLength(0);
  });

  it("keeps what was edited when somebody leaves at once", async () => {
    const { app, user } = await editor();
    row(/^Short description/).focus();
    await user.keyboard("d");
    act(() => {
      window.location.hash = "#/overview";
    });
    await waitFor(() => expect(calls(app, "save_draft")).toHaveLength(1));
  });

  it("brings the saved mapping back on Discard, which can be undone", async () => {
    const { app, user } = await editor();
    await user.click(screen.getByRole("button", { name: "Discard" }));
    expect(await screen.findByText(/^In use since/)).toBeTruthy();
    expect(calls(app, "discard_draft")).toHaveLength(1);
    await user.click(screen.getByRole("button", { name: "Undo" }));
    expect(screen.getByText(/^3 unsaved changes/)).toBeTruthy();
  });

  it("shows why a draft was not kept, keeps the edit, and tries again", async () => {
    const { app, user } = await editor();
    app.world.failing.save_draft = { code: "store", message: "the disk is full", hint: null };
    row(/^Short description/).focus();
    await user.keyboard("d");
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("The draft is not kept yet. The disk is full.");
    expect(screen.getByRole("button", { name: /^Short description and Summary: Source to target/ })).toBeTruthy();
    delete app.world.failing.save_draft;
    await user.click(within(alert).getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
    expect(screen.getByText(/^4 unsaved changes/)).toBeTruthy();
  });

  it("asks before it saves over another version", async () => {
    const { app, user, world } = await editor();
    const picture = world.pictures.get(1);
    if (picture) picture.revision = 9;
    await user.click(screen.getByRole("button", { name: "Make Pending vendor ← only" }));
    await user.click(await screen.findByRole("button", { name: "Save mapping" }));
    await user.click(await screen.findByRole("button", { name: "Save mine anyway" }));
    await waitFor(() => expect(calls(app, "save_document").map((call) => (call.request as { based_on: number }).based_on)).toEqual([7, 9]));
    expect(await screen.findByText(/^In use since/)).toBeTruthy();
  });

  it("shows what a version would change, and restores it into the draft", async () => {
    const { user } = await editor();
    await user.click(screen.getByRole("button", { name: "Versions…" }));
    const dialog = screen.getByRole("dialog", { name: "Versions" });
    await user.click(await within(dialog).findByRole("button", { name: /^Version 6/ }));
    expect(await within(dialog).findByText(/^3 differences from the draft|^4 differences from the draft/)).toBeTruthy();
    await user.click(within(dialog).getByRole("button", { name: "Restore version 6" }));
    expect(screen.queryByRole("dialog")).toBeNull();
    await user.keyboard("{Control>}z{/Control}");
    expect(screen.getByText(/^3 unsaved changes/)).toBeTruthy();
  });
});

describe("rows", () => {
  it("have one Tab stop, and keys to move, turn, remove and reorder", async () => {
    const { user } = await editor();
    const grid = screen.getByRole("treegrid", { name: "Field mappings, Incident" });
    expect(within(grid).getAllByRole("row").filter((each) => each.tabIndex === 0)).toHaveLength(1);
    row(/^Short description/).focus();
    await user.keyboard("{ArrowDown}{ArrowDown}");
    expect(document.activeElement).toBe(row(/^State/));
    await user.keyboard("{Alt>}{ArrowUp}{/Alt}");
    const names = () => within(grid).getAllByRole("row").slice(1).map((each) => each.getAttribute("data-row") !== null && within(each).getAllByRole("gridcell")[1]?.textContent);
    expect(names().slice(0, 3)).toEqual(["Short description", "State", "Description"]);
    expect(document.activeElement).toBe(row(/^State/));
    await user.keyboard("{Delete}");
    expect(screen.queryByRole("row", { name: /^State/ })).toBeNull();
    expect(document.activeElement).toBe(row(/^Description/));
    await user.keyboard("{Control>}z{/Control}{Control>}z{/Control}");
    expect(names().slice(0, 3)).toEqual(["Short description", "Description", "State"]);
    await user.keyboard("{Control>}{Shift>}z{/Shift}{/Control}");
    expect(names().slice(0, 3)).toEqual(["Short description", "State", "Description"]);
  });

  it("edit their cells after Enter", async () => {
    const { app, user } = await editor();
    row(/^Short description/).focus();
    await user.keyboard("{Enter}");
    const settings = screen.getByRole("group", { name: "Settings of Short description and Summary" });
    expect(settings.contains(document.activeElement)).toBe(true);
    await user.selectOptions(within(settings).getByRole("combobox", { name: "If both sides changed" }), "Newest wins");
    await user.selectOptions(within(settings).getByRole("combobox", { name: "Writes" }), "Only on create");
    await user.selectOptions(within(settings).getByRole("combobox", { name: "Rule" }), "Fixed value");
    await user.type(within(settings).getByRole("textbox", { name: "Fixed value" }), "none");
    await waitFor(() => expect(calls(app, "save_draft").length).toBeGreaterThan(0));
    const first = (): FieldMapping | undefined => (calls(app, "save_draft").at(-1)?.request as { document: ConnectionDoc }).document.type?.[0]?.field[0];
    await waitFor(() => expect(first()).toMatchObject({ on_conflict: "newest_wins", write: "on_create", rule: { kind: "constant", value: "none" } }));
    await user.keyboard("{Escape}");
    expect(document.activeElement).toBe(row(/^Short description/));
  });

  it("decide one value by two lists", async () => {
    const { user } = await editor();
    row(/^Impact \+ Urgency/).focus();
    await user.keyboard("{Enter}");
    await user.selectOptions(screen.getByRole("combobox", { name: "Priority for 1 - High, 3 - Low" }), "everything else");
    expect(row(/^Impact \+ Urgency/).textContent).toContain("Matrix, 8 cells");
    await user.selectOptions(screen.getByRole("combobox", { name: /^Second field of/ }), "On hold reason");
    expect(row(/^Impact \+ On hold reason/).textContent).toContain("Matrix, 0 cells");
    await user.click(screen.getByRole("button", { name: "Undo" }));
    expect(row(/^Impact \+ Urgency/).textContent).toContain("Matrix, 8 cells");
  });

  it("begin unfinished, one at a time, and join the mapping once both fields are chosen", async () => {
    const { user } = await editor();
    await user.click(screen.getByRole("button", { name: "Add mapping" }));
    const fresh = row(/^New row/);
    expect(screen.getByRole("button", { name: /^Add mapping/ }).getAttribute("aria-disabled")).toBe("true");
    await pick(user, within(fresh).getByRole("button", { name: "ServiceNow field" }), "Due date");
    await pick(user, within(fresh).getByRole("button", { name: "Jira field" }), "Due date");
    expect(screen.queryByRole("row", { name: /^New row/ })).toBeNull();
    expect(document.activeElement).toBe(row(/^Due date/));
  });

  it("begin with a fixed value for a field of the target alone", async () => {
    const { user } = await editor();
    row(/^Short description/).focus();
    await user.keyboard("n");
    await pick(user, within(row(/^New row/)).getByRole("button", { name: "ServiceNow field" }), "Fixed value");
    row(/^Short description/).focus();
    await user.keyboard("n");
    expect(screen.getByText("Finish the new row first.", { selector: "[role=status]" })).toBeTruthy();
    const target = within(row(/^New row/)).getByRole("button", { name: "Jira field" });
    expect(document.activeElement?.closest("[role=row]")).toBe(row(/^New row/));
    await pick(user, target, "Severity");
    const box = await screen.findByRole("textbox", { name: "Fixed value" });
    await waitFor(() => expect(document.activeElement).toBe(box));
    await user.keyboard("S2");
    expect(row(/^no field.*Severity/).textContent).toContain("Fixed value");
  });

  it("can be the description builder, and lead to it", async () => {
    const { user } = await editor();
    row(/^Description/).focus();
    await user.keyboard("{Enter}");
    const settings = within(screen.getByRole("group", { name: "Settings of Description and Description" }));
    await user.selectOptions(settings.getByRole("combobox", { name: "Rule" }), "Copy");
    await user.selectOptions(settings.getByRole("combobox", { name: "Rule" }), "Builder");
    expect(row(/^Description/).textContent).toContain("Builder, 1 line");
    await user.click(settings.getByRole("checkbox", { name: "Write over changes made in Jira" }));
    expect(settings.getByRole("checkbox", { name: "Write over changes made in Jira" })).toHaveProperty("checked", true);
    await user.click(settings.getByRole("button", { name: "Open Description" }));
    expect(await screen.findByText(/^No line yet/)).toBeTruthy();
  });

  it("are suggested, as one step", async () => {
    const { user } = await editor();
    await user.click(screen.getByRole("button", { name: "Suggest mapping" }));
    expect(await screen.findByRole("row", { name: /^Due date/ })).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Undo" }));
    expect(screen.queryByRole("row", { name: /^Due date/ })).toBeNull();
  });

  it("begin with a suggestion or empty where there are none", async () => {
    const desk = editorDesk(stillNow);
    const picture = desk.pictures.get(1);
    if (picture) {
      picture.draft = null;
      picture.document = { ...picture.document, type: picture.document.type?.map((type) => ({ ...type, field: [] })) ?? [] };
    }
    window.location.hash = "#/connection/1/mapping";
    const { user } = open("full", { editor: desk });
    expect(await screen.findByRole("heading", { name: "No mapping yet" })).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Start empty" }));
    expect(row(/^New row/)).toBeTruthy();
    await user.keyboard("{Escape}");
    await user.click(screen.getByRole("button", { name: "Suggest mapping" }));
    expect(await screen.findByRole("row", { name: /^Due date/ })).toBeTruthy();
  });
});

describe("copying from another connection", () => {
  it("shows what would change, and copies as one step", async () => {
    const desk = editorDesk(stillNow);
    const picture = desk.pictures.get(2);
    const [type] = picture?.document.type ?? [];
    const extra: FieldMapping[] = [{ source: "location", target: "environment", direction: "->", rule: { kind: "copy" } }, { source: "no_such", target: "labels", direction: "->", rule: { kind: "copy" } }];
    if (picture !== undefined && type !== undefined) picture.document = { ...picture.document, type: [{ ...type, field: [...type.field.slice(0, 1), ...extra] }] };
    const { user, app } = await editor({ editor: desk });
    for (const card of app.world.connections) card.source_side.platform = card.id <= 2 ? "servicenow" : card.source_side.platform;
    for (const card of app.world.connections) if (card.id <= 2) card.target_side.platform = "jira";
    await user.click(screen.getByRole("button", { name: "Copy from another connection…" }));
    const dialog = within(screen.getByRole("dialog", { name: "Copy from another connection" }));
    await user.selectOptions(await dialog.findByRole("combobox", { name: "Connection" }), "Fennick stores");
    expect(await dialog.findByText("2 changes to Incident:")).toBeTruthy();
    expect(dialog.getAllByRole("listitem").map((item) => item.textContent)).toEqual(["Location and Environment: row added", "no_such and Labels: row added"]);
    expect(dialog.getByText(/^1 row names a field that this connection does not have/)).toBeTruthy();
    await user.selectOptions(dialog.getByRole("combobox", { name: "Rows" }), "Replace all rows");
    expect(dialog.getAllByRole("listitem").some((item) => item.textContent.includes("row removed"))).toBe(true);
    await user.selectOptions(dialog.getByRole("combobox", { name: "Rows" }), "Add the rows that are missing here");
    await user.click(dialog.getByRole("button", { name: "Copy rows" }));
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(document.activeElement).toBe(screen.getByRole("button", { name: "Copy from another connection…" }));
    expect(row(/^Location/)).toBeTruthy();
    expect(screen.getByText(/^5 unsaved changes/)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Undo" }));
    expect(screen.queryByRole("row", { name: /^Location/ })).toBeNull();
  });
});

describe("a platform that changed", () => {
  it("is told with what changed, reviewed in a dialog, and not told again", async () => {
    const desk = editorDesk(stillNow);
    const change = { field: "status", field_label: "Status", value: null, value_label: "" };
    desk.offers.target = { ...desk.offers.target, changed: { since_ms: stillNow - 86_400_000, changes: [
      { ...change, what: "value_new", value: "10201", value_label: "Escalated" }, { ...change, what: "field_gone", field: "region", field_label: "Region" }, { ...change, what: "required_now", field: "labels", field_label: "Labels" },
    ] } };
    const { app, user } = await editor({ editor: desk });
    expect(screen.getByText(/option Escalated of Status is new, field Region is gone, and 1 further change\./)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Review" }));
    const dialog = within(screen.getByRole("dialog", { name: "What changed on the platforms" }));
    expect(dialog.getAllByRole("listitem").map((item) => item.textContent)).toEqual(["Option Escalated of Status is new. Mapped: State and Status.", "Field Region is gone.", "Field Labels is required now."]);
    await user.click(dialog.getByRole("button", { name: "Mark as reviewed" }));
    await waitFor(() => expect(screen.queryByRole("button", { name: "Review" })).toBeNull());
    expect(calls(app, "review_schema")).toHaveLength(1);
  });
});

describe("trays", () => {
  it("narrow the other side to what a chosen field can meet, and say why not", async () => {
    const { user } = await editor();
    const source = screen.getByRole("listbox", { name: /^ServiceNow incident/ });
    const target = screen.getByRole("listbox", { name: /^Jira incident/ });
    await user.click(within(source).getByRole("option", { name: /^Watch list/ }));
    const options = within(target).getAllByRole("option");
    expect(options[0]?.textContent).toContain("Summary");
    expect(options.at(-1)?.textContent).toMatch(/cannot/);
    expect(within(target).getByRole("option", { name: /^Change start/ }).textContent).toContain("text cannot go into a date");
  });

  it("map with Space, F6 and Enter", async () => {
    const { user } = await editor();
    const source = screen.getByRole("listbox", { name: /^ServiceNow incident/ });
    await user.type(screen.getByRole("searchbox", { name: "Search ServiceNow fields" }), "due date");
    source.focus();
    await user.keyboard(" ");
    expect(screen.getByText("Due date picked up. F6 goes to the other fields, Enter maps.")).toBeTruthy();
    await user.keyboard("{F6}{F6}");
    const target = screen.getByRole("listbox", { name: /^Jira incident/ });
    if (document.activeElement !== target) target.focus();
    const active = () => document.getElementById(target.getAttribute("aria-activedescendant") ?? "")?.textContent ?? "";
    do await user.keyboard("d"); while (!active().startsWith("Due date"));
    await user.keyboard("{Enter}");
    expect(document.activeElement).toBe(row(/^Due date/));
  });

  it("become a drawer that opens and closes", async () => {
    const { user } = await editor();
    const button = screen.getByRole("button", { name: "Show source fields" });
    expect(button.getAttribute("aria-expanded")).toBe("false");
    await user.click(button);
    expect(screen.getByRole("button", { name: "Hide source fields" }).getAttribute("aria-expanded")).toBe("true");
    screen.getByRole("listbox", { name: /^ServiceNow incident/ }).focus();
    await user.keyboard("{Escape}");
    expect(screen.getByRole("button", { name: "Show source fields" }).getAttribute("aria-expanded")).toBe("false");
    expect(document.activeElement).toBe(screen.getByRole("button", { name: "Show source fields" }));
  });

  it("show nothing of another ticket type while its fields are read, and count its tickets once", async () => {
    const { app, user } = await editor();
    await waitFor(() => expect(calls(app, "count_values")).toHaveLength(1));
    const real = app.call;
    let open: (() => void) | null = null;
    app.call = (...call) => {
      const answer = real(...call);
      return call[0] === "read_offers" && JSON.stringify(call[1]).includes("sc_task") ? new Promise((resolve) => { open = () => resolve(answer); }) : answer;
    };
    const source = () => screen.getByRole("listbox", { name: /^ServiceNow/ });
    expect(within(source()).queryAllByRole("option").length).toBeGreaterThan(10);
    await user.click(screen.getByRole("button", { name: "Task" }));
    expect(within(source()).queryAllByRole("option")).toHaveLength(0);
    act(() => open?.());
    await waitFor(() => expect(within(source()).queryAllByRole("option").length).toBeGreaterThan(10));
    await user.click(screen.getByRole("button", { name: "Incident" }));
    const { source: states } = await stateOpen(user);
    await waitFor(() => expect(value(states, /^On Hold/).textContent).toContain("41 tickets"));
    expect(calls(app, "count_values")).toHaveLength(1);
  });

  it("say how old the fields are, what was not returned, and read again only with a network", async () => {
    const desk = editorDesk(stillNow);
    const schema = desk.offers.target.schema;
    if (schema === null) throw new Error("no schema");
    desk.offers.target = { ...desk.offers.target, schema: { ...schema, not_confirmed: ["the field Region: no permission", "the field Vendor: no permission"] } };
    const { app, user } = await editor({ editor: desk });
    const pane = within(screen.getByRole("region", { name: "Target fields" }));
    expect(pane.getByText(/^as of /)).toBeTruthy();
    await user.click(pane.getByRole("button", { name: "See which" }));
    expect(pane.getByText("The field Region: no permission.")).toBeTruthy();
    const again = pane.getByRole("button", { name: "Read the Jira fields again" });
    await user.click(again);
    await waitFor(() => expect(calls(app, "read_offers").map((call) => (call.request as { anew: boolean }).anew)).toContain(true));
    vi.spyOn(window.navigator, "onLine", "get").mockReturnValue(false);
    act(() => void window.dispatchEvent(new Event("offline")));
    expect(pane.getByRole("button", { name: /^Read the Jira fields again/ }).getAttribute("title")).toBe("This computer is offline.");
    await user.click(screen.getByRole("tab", { name: "Try on ticket…" }));
    expect(screen.getByRole("button", { name: /^Try/ }).getAttribute("aria-disabled")).toBe("true");
    vi.restoreAllMocks();
  });

  it("draw only what is in sight above two hundred fields", async () => {
    const desk = editorDesk(stillNow);
    const schema = desk.offers.source.schema;
    const [first] = schema?.fields ?? [];
    if (schema === null || first === undefined) throw new Error("no schema");
    schema.fields = [...schema.fields, ...Array.from({ length: 400 }, (_, at) => ({ ...first, id: `u_${at}`, label: `Extra ${at}` }))];
    await editor({ editor: desk });
    const source = screen.getByRole("listbox", { name: /^ServiceNow incident/ });
    const drawn = within(source).queryAllByRole("option");
    expect(drawn.length).toBeLessThan(60);
    expect(screen.getByText("466 fields")).toBeTruthy();
  });

  it("work on what was read before where a side cannot be read", async () => {
    const desk = editorDesk(stillNow);
    desk.offers.target = { ...desk.offers.target, trouble: { code: "unreachable", message: "Jira did not answer", hint: null } };
    const { app, user } = await editor({ editor: desk });
    expect(screen.getByText(/Jira cannot be read now; fields as of/)).toBeTruthy();
    expect(within(row(/^Short description/)).getByText("not checked")).toBeTruthy();
    expect(within(row(/^State/)).getByText("error")).toBeTruthy();
    await user.click(within(screen.getByRole("region", { name: "Target fields" })).getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(calls(app, "read_offers").map((call) => (call.request as { anew: boolean }).anew)).toContain(true));
  });
});

describe("accessibility", () => {
  it.each(["light", "dark"] as const)("axe finds nothing on the page, %s", async (theme) => {
    setTheme(theme);
    const { user } = await editor();
    const { source } = await stateOpen(user);
    await user.click(value(source, /^Resolved/));
    const lines = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
    expect(lines.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 160)).join("\n")}`)).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Table" }));
    row(/^Short description/).focus();
    await user.keyboard("{ArrowDown}{ArrowDown}{ArrowDown}{Enter}");
    const settings = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
    expect(settings.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 160)).join("\n")}`)).toEqual([]);
  });
});

describe("typing", () => {
  it("never waits for the checker", async () => {
    const { app, user } = await editor();
    const before = calls(app, "check_document").length;
    vi.spyOn(app, "call").mockImplementation((name, request) => {
      app.calls.push({ name, request });
      return new Promise(() => undefined);
    });
    row(/^Short description/).focus();
    await user.keyboard("ddd");
    expect(calls(app, "check_document").length).toBe(before);
    expect(screen.getByRole("button", { name: /^Short description and Summary: Bidirectional/ })).toBeTruthy();
  });
});
