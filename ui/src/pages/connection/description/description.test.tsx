import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { ConnectionDoc } from "../../../api/generated/ConnectionDoc";
import { buildEditor } from "../../../api/memory-build-data";
import { stillNow } from "../../../api/memory-data";
import { buildTrying } from "../../../api/memory-trying-data";
import { complaints, openTab } from "../../../test/tab";
import { Description } from ".";

async function opened(more: Parameters<typeof openTab>[1] = {}) {
  const tab = openTab(<Description connection={1} />, more);
  await screen.findByRole("list", { name: "Lines, in order" });
  return tab;
}

const labels = () => within(screen.getByRole("list", { name: "Lines, in order" })).getAllByRole("listitem").map((item) => item.getAttribute("aria-label")?.replace(/^Line \d+: /, ""));
const grip = (name: RegExp) => screen.getByRole("button", { name });
const paper = () => screen.findByRole("article", { name: /^Description of/ });

function savedDocument(app: Awaited<ReturnType<typeof opened>>["app"], command: "save_document" | "save_draft") {
  return (app.calls.findLast((call) => call.name === command)?.request as { document: ConnectionDoc } | undefined)?.document;
}

describe("Description", () => {
  it("shows the lines, the fixed rows below them and the description of a real ticket", async () => {
    const { app } = await opened();
    expect(labels()).toEqual(["Customer ticket", "Caller", "Location", "Affected system", "Service", "Opened", "On hold because"]);
    expect(screen.getByText("always last, never replaced")).toBeTruthy();
    expect((await paper()).textContent).toContain("Location: North weir pumping station");
    expect(screen.getByText(/of 32,767 characters/)).toBeTruthy();
    expect(screen.getByText("1 picture in the text becomes an attachment.")).toBeTruthy();
    expect(screen.getByText(/412 descriptions already in Jira keep their text\./)).toBeTruthy();
    expect(app.calls.some((call) => call.name === "save_draft" || call.name === "save_document")).toBe(false);
  });

  it("adds a field with its plus, lights its line in the preview and keeps a draft", async () => {
    const { app, user } = await opened();
    await paper();
    await user.click(screen.getByRole("button", { name: "Add Impact" }));
    expect(labels().at(-1)).toBe("Impact");
    await waitFor(async () => expect((await paper()).querySelector(".paper-lit")?.textContent).toBe("Impact: 2 - Medium"));
    expect(screen.queryByRole("button", { name: "Add Impact" })).toBeNull();
    expect(screen.getByText("1 unsaved change. It applies from the next sync.")).toBeTruthy();
    await waitFor(() => expect(savedDocument(app, "save_draft")).toBeTruthy(), { timeout: 3000 });
  });

  it("moves a line with Space and arrows, says so, and puts it back with Esc", async () => {
    const { user } = await opened();
    grip(/^Move Location, line/).focus();
    await user.keyboard(" {ArrowDown}");
    expect(screen.getByText("Location, line 4 of 7")).toBeTruthy();
    expect(labels().slice(2, 4)).toEqual(["Affected system", "Location"]);
    await user.keyboard("{Escape}");
    expect(labels()[2]).toBe("Location");
    await user.keyboard(" {ArrowUp}{ArrowUp}{Enter}");
    expect(labels()[0]).toBe("Location");
    expect(document.activeElement?.getAttribute("aria-label")).toMatch(/^Move Location, line 1 of 7/);
    await user.keyboard("{Control>}z{/Control}");
    expect(labels()[2]).toBe("Location");
  });

  it("moves with Alt and an arrow from wherever the focus is in the line", async () => {
    const { user } = await opened();
    await user.click(screen.getByRole("textbox", { name: "Label of line 3" }));
    await user.keyboard("{Alt>}{ArrowUp}{/Alt}");
    expect(screen.getByText("Location, line 2 of 7")).toBeTruthy();
    expect(labels()[1]).toBe("Location");
  });

  it("drags a line by its grip", async () => {
    await opened();
    const rows = within(screen.getByRole("list", { name: "Lines, in order" })).getAllByRole("listitem");
    rows.forEach((row, at) => {
      row.getBoundingClientRect = () => new DOMRect(0, at * 36, 400, 36);
    });
    const handle = grip(/^Move Customer ticket, line/);
    handle.setPointerCapture = () => undefined;
    const point = (type: string, clientY: number) => fireEvent(handle, new MouseEvent(type, { bubbles: true, button: 0, clientY }));
    point("pointerdown", 18);
    point("pointermove", 100);
    expect(rows[3]?.className).toContain("line-before");
    point("pointerup", 100);
    expect(labels().slice(0, 3)).toEqual(["Caller", "Location", "Customer ticket"]);
  });

  it("says what an empty field shows", async () => {
    const { app, user } = await opened();
    await user.selectOptions(await screen.findByRole("combobox", { name: "Ticket of the preview" }), "INC0048210");
    await waitFor(async () => expect((await paper()).textContent).toContain("Caller: none"));
    await user.selectOptions(screen.getByRole("combobox", { name: "When empty, line 7" }), "Show text…");
    await user.type(screen.getByRole("textbox", { name: "Text when line 7 is empty" }), "not on hold");
    await waitFor(async () => expect((await paper()).textContent).toContain("On hold because: not on hold"));
    await user.click(screen.getByRole("button", { name: "Save description" }));
    await waitFor(() => expect(savedDocument(app, "save_document")).toBeTruthy());
    const rule = savedDocument(app, "save_document")?.type?.[0]?.field[1]?.rule;
    expect(rule?.kind === "description" && rule.line[6]).toEqual({ label: "On hold because", field: "hold_reason", when_empty: { show: "not on hold" } });
    expect(await screen.findByText(/^In use since/)).toBeTruthy();
  });

  it("keeps a draft only while a label is missing, and discards", async () => {
    const { user } = await opened();
    await user.clear(screen.getByRole("textbox", { name: "Label of line 1" }));
    expect(await screen.findByRole("button", { name: "Save draft" })).toBeTruthy();
    expect(screen.getByText(/Automatic sync keeps using the saved version until the error is fixed\./)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Discard" }));
    expect(labels()[0]).toBe("Customer ticket");
    expect(await screen.findByRole("button", { name: /^Save description/ })).toBeTruthy();
  });

  it("keeps what was typed when a save fails", async () => {
    const { app, user } = await opened({ failing: { save_document: { code: "changed_meanwhile", message: "another version was saved meanwhile", hint: "Look at it first." } } });
    await user.type(screen.getByRole("textbox", { name: "Label of line 1" }), " number");
    await user.click(screen.getByRole("button", { name: "Save description" }));
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("Another version was saved meanwhile.");
    expect(labels()[0]).toBe("Customer ticket number");
    await user.click(within(alert).getByRole("button", { name: "Versions…" }));
    const versions = screen.getByRole("dialog", { name: "Versions" });
    expect(await within(versions).findByRole("button", { name: /^Version 7/ })).toBeTruthy();
    await user.keyboard("{Escape}");
    expect(document.activeElement).toBe(within(alert).getByRole("button", { name: "Versions…" }));
    app.world.failing = {};
    await user.click(within(alert).getByRole("button", { name: "Save mine anyway" }));
    expect(await screen.findByText(/^In use since/)).toBeTruthy();
    expect(savedDocument(app, "save_document")?.type?.[0]?.field[1]?.rule).toMatchObject({ line: [{ label: "Customer ticket number" }, {}, {}, {}, {}, {}, {}] });
  });

  it("removes with Delete and goes on to the next line", async () => {
    const { user } = await opened();
    grip(/^Move Caller, line/).focus();
    await user.keyboard("{Delete}");
    expect(labels()).not.toContain("Caller");
    expect(document.activeElement?.getAttribute("aria-label")).toMatch(/^Move Location, line 2 of 6/);
  });

  it("keeps the focus in the list when lines are removed by their buttons, to the last", async () => {
    const { user } = await opened();
    await user.click(screen.getByRole("button", { name: "Remove Caller" }));
    expect(document.activeElement).toBe(screen.getByRole("button", { name: "Remove Location" }));
    for (const label of [...labels()].reverse()) await user.click(screen.getByRole("button", { name: `Remove ${label ?? ""}` }));
    expect(screen.getByText(/^No line yet/)).toBeTruthy();
    expect(document.activeElement?.closest(".lines-more")).toBeTruthy();
  });

  it("shows exact text, the next ticket, and where a long text is cut", async () => {
    const trying = buildTrying(stillNow);
    const { user } = await opened({ trying: { ...trying, description: (...order) => ({ ...trying.description(...order), chars: 40_000, cut_at: 32_767 }) } });
    await paper();
    expect(screen.getByText("cut here, after 32,767 characters")).toBeTruthy();
    expect(screen.getByText(/7,233 are too many for Jira/)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Exact text" }));
    expect((await paper()).querySelector("pre")?.textContent).toContain("Customer ticket: INC0048213");
    await user.click(screen.getByRole("button", { name: "Next ticket" }));
    await screen.findByRole("article", { name: "Description of INC0048210" });
  });

  it("says that there is no ticket, and takes the number of one", async () => {
    const { app, user } = await opened({ trying: { ...buildTrying(stillNow), recent: [] } });
    await screen.findByText("No ticket to show");
    await user.type(screen.getByRole("textbox", { name: "Ticket number" }), "INC0048205{Enter}");
    await paper();
    expect(app.calls.findLast((call) => call.name === "pick_ticket")?.request).toMatchObject({ key: "INC0048205", side: "source" });
  });

  it("offers another ticket where one cannot be read, and waits where the platform asks for it", async () => {
    const { app, user } = await opened({ failing: { pick_ticket: { code: "not_found", message: "ServiceNow shows no such ticket", hint: null } } });
    await user.click(await screen.findByRole("button", { name: "Choose another…" }));
    expect(document.activeElement).toBe(screen.getByRole("textbox", { name: "Ticket number" }));
    app.world.failing = { pick_ticket: { code: "rate_limited", message: "too many reads until 14:06", hint: null } };
    await user.keyboard("INC0048205{Enter}");
    expect(await screen.findByText("ServiceNow makes Lockstep wait.")).toBeTruthy();
    expect(screen.queryByRole("alert")).toBeNull();
    app.world.failing = {};
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await paper();
  });

  it("adds a line from a list that acts on Enter alone, finds a field with Ctrl F and a problem with F8", async () => {
    const { user } = await opened();
    screen.getByRole("button", { name: "Add line" }).focus();
    await user.keyboard("{ArrowDown}{ArrowDown}imp");
    expect(labels()).toHaveLength(7);
    await user.keyboard("{Enter}");
    expect(labels().at(-1)).toBe("Impact");
    await user.keyboard("{Control>}f{/Control}");
    expect(document.activeElement).toBe(screen.getByRole("searchbox", { name: "Find a field" }));
    await user.keyboard("{F6}");
    expect(screen.getByRole("region", { name: "Description lines" }).contains(document.activeElement)).toBe(true);
    await user.clear(screen.getByRole("textbox", { name: "Label of line 3" }));
    await screen.findByText("A line of the description has no label.", { exact: false, selector: ".edit-problems p" });
    screen.getByRole("button", { name: "Add line" }).focus();
    await user.keyboard("{F8}");
    expect(document.activeElement).toBe(screen.getByRole("textbox", { name: "Label of line 3" }));
  });

  it("offers a builder where there is none", async () => {
    const { user } = openTab(<Description connection={1} />, { editor: buildEditor(stillNow) });
    await user.click(await screen.findByRole("button", { name: "Task" }));
    await user.click(await screen.findByRole("button", { name: "Add description builder" }));
    expect(await screen.findByText(/No line yet/)).toBeTruthy();
  });

  it("opens with the draft that was kept", async () => {
    const editor = buildEditor(stillNow);
    const picture = editor.pictures.get(1);
    if (picture !== undefined) picture.draft = { document: { ...picture.document, interval_seconds: 600 }, based_on: 7, saved_ms: 0 };
    await opened({ editor });
    expect(screen.getByText(/^1 unsaved change/)).toBeTruthy();
  });

  it("gives axe nothing to say", async () => {
    const { container } = await opened();
    await paper();
    expect(await complaints(container)).toEqual([]);
  });
});
