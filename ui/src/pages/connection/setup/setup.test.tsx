import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import type { ConnectionDoc } from "../../../api/generated/ConnectionDoc";
import { buildEditor } from "../../../api/memory-build-data";
import { stillNow } from "../../../api/memory-data";
import { pick } from "../../../test/pick";
import { complaints, openTab } from "../../../test/tab";
import { Setup } from ".";

async function opened(more: Parameters<typeof openTab>[1] = {}) {
  const tab = openTab(<Setup connection={1} />, more);
  await screen.findByText("Read as Incident, 17 fields.");
  await screen.findByRole("heading", { name: /Target: Jira/ });
  const saved = async () => {
    await tab.user.click(screen.getByRole("button", { name: /^Save / }));
    await waitFor(() => expect(tab.app.calls.some((call) => call.name === "save_document")).toBe(true));
    return (tab.app.calls.findLast((call) => call.name === "save_document")?.request as { document: ConnectionDoc }).document;
  };
  return { ...tab, saved };
}

const row = (name: string, at = 0) => {
  const found = screen.getAllByRole("radiogroup", { name })[at];
  if (found === undefined) throw new Error(`no row ${name}`);
  return within(found);
};

describe("Setup", () => {
  it("lists its sections with marks and goes through them with the arrows", async () => {
    const { user } = await opened();
    const list = within(screen.getByRole("navigation", { name: "Sections of Setup" }));
    await waitFor(() => expect(list.getAllByRole("button").map((button) => button.textContent)).toEqual(
      ["Sides", "Scope", "Filters", "Direction", "Matching", "Comments", "Attachments", "People", "Limits"].map((label) => `${label}, no problem`),
    ));
    list.getByRole("button", { name: /^Sides/ }).focus();
    await user.keyboard("{ArrowDown}{ArrowDown}{Enter}");
    expect(document.activeElement?.textContent).toBe("Filters");
  });

  it("asks before internal notes become public, and keeps them internal unless told", async () => {
    const { user, saved } = await opened();
    const work = row("Work note becomes");
    expect(work.getByRole("radio", { name: "Do not copy" })).toHaveProperty("checked", true);
    await user.click(work.getByRole("radio", { name: "Public comment" }));
    const dialog = within(screen.getByRole("alertdialog", { name: "Make internal notes public?" }));
    expect(dialog.getByText("Internal notes will be visible to the customer.")).toBeTruthy();
    expect(document.activeElement).toBe(dialog.getByRole("button", { name: "Keep internal" }));
    await user.keyboard("{Enter}");
    expect(screen.queryByRole("alertdialog")).toBeNull();
    expect(work.getByRole("radio", { name: "Do not copy" })).toHaveProperty("checked", true);

    await user.click(work.getByRole("radio", { name: "Public comment" }));
    await user.click(screen.getByRole("button", { name: "Make internal notes public" }));
    expect(work.getByRole("radio", { name: "Public comment" })).toHaveProperty("checked", true);
    expect(await screen.findByText(/Internal comments become public: customers will read them\./)).toBeTruthy();
    expect(within(screen.getByRole("navigation", { name: "Sections of Setup" })).getByRole("button", { name: /^Comments.*warning$/ })).toBeTruthy();
    expect((await saved()).type?.[0]?.comments?.source).toEqual({ public: "internal", internal: "public" });
  });

  it("marks what a customer will see, asks nothing for public comments, and never offers unknown ones", async () => {
    const { user, saved } = await opened();
    const seen = row("Comment the customer sees becomes");
    expect(seen.getByText("Customer will see this")).toBeTruthy();
    await user.click(seen.getByRole("radio", { name: "Public comment" }));
    expect(screen.queryByRole("alertdialog")).toBeNull();
    expect(screen.getAllByText("is never copied")).toHaveLength(2);
    expect((await saved()).type?.[0]?.comments?.source.public).toBe("public");
  });

  it("makes no mark where no customer reads, and offers no internal copies where there are none", async () => {
    const editor = buildEditor(stillNow);
    const { schema } = editor.offers.target;
    if (schema !== null) editor.offers = { ...editor.offers, target: { ...editor.offers.target, schema: { ...schema, customers_read: false, internal_comments: false } } };
    await opened({ editor });
    const work = row("Work note becomes");
    expect(work.queryByText("Customer will see this")).toBeNull();
    expect(work.getByRole("radio", { name: "Internal comment" })).toHaveProperty("disabled", true);
  });

  it("changes what takes part, how tickets are matched, files and limits", async () => {
    const { user, saved } = await opened();
    await user.click(screen.getByRole("radio", { name: /^Match, then create/ }));
    await user.selectOptions(screen.getByRole("combobox", { name: "Jira field" }), "Summary");
    await user.click(within(screen.getByRole("group", { name: "Filter of Jira" })).getByRole("button", { name: "Add condition" }));
    await pick(user, within(screen.getByRole("group", { name: "Filter of Jira" })).getByRole("button", { name: "Value of condition 1" }), "Telemetry");
    await user.click(screen.getByRole("checkbox", { name: "Copy attachments Jira → ServiceNow" }));
    const size = screen.getByRole("spinbutton", { name: "Up to (MB)" });
    await user.clear(size);
    expect(screen.getByText("A whole number is needed.")).toBeTruthy();
    await user.type(size, "10");
    await user.type(screen.getByRole("textbox", { name: "Types" }), "image/{Enter}");
    const creates = screen.getByRole("spinbutton", { name: "Tickets created in a run" });
    await user.clear(creates);
    await user.type(creates, "50");
    await user.selectOptions(screen.getByRole("combobox", { name: "Edited comments" }), "Ignore");
    await user.selectOptions(screen.getByRole("combobox", { name: "Author line" }), "None");
    const document = await saved();
    const type = document.type?.[0];
    expect(type?.match).toEqual({ mode: "match_then_create", source: "key", target: "summary" });
    expect(type?.filter?.target).toEqual({ all: [{ field: "customfield_10060", operator: "is", values: ["t3"] }] });
    expect(type?.attachments).toEqual({ copy: { source: true, target: true }, bytes_max: 10_485_760, types: ["image/"] });
    expect(type?.comments).toMatchObject({ edited: "ignore", author_line: "" });
    expect(document.limits).toEqual({ creates_max: 50, closes_max: 200 });
  });

  it("drills down to another project, and reads it", async () => {
    const { app, user, saved } = await opened();
    const jira = within(screen.getByRole("group", { name: "Scope of Jira" }));
    const project = await jira.findByRole("combobox", { name: "Jira project" });
    expect(within(project).getAllByRole("option").map((option) => option.textContent)).toEqual(["CSD", "OPS"]);
    await user.selectOptions(project, "OPS");
    await waitFor(() => expect(app.calls.findLast((call) => call.name === "read_offers")?.request).toMatchObject({ target: { container: "OPS", ticket_type: "10007" } }));
    expect(screen.getByText(/1,204 pairs of this connection are linked|pairs? of this connection/)).toBeTruthy();
    await user.selectOptions(jira.getByRole("combobox", { name: "Jira issue type" }), "Change");
    expect((await saved()).type?.[0]?.target).toEqual({ container: "OPS", ticket_type: "10012" });
  });

  it("takes a place by hand, read once its name is typed to the end", async () => {
    const { app, user } = await opened();
    const jira = within(screen.getByRole("group", { name: "Scope of Jira" }));
    await user.click(await jira.findByRole("button", { name: "Type it by hand" }));
    const before = app.calls.filter((call) => call.name === "read_offers").length;
    const project = jira.getByRole("textbox", { name: "Jira project" });
    await user.clear(project);
    await user.type(project, "HR{Enter}");
    await waitFor(() => expect(app.calls.filter((call) => call.name === "read_offers")).toHaveLength(before + 1));
    expect(app.calls.findLast((call) => call.name === "read_offers")?.request).toMatchObject({ target: { container: "HR" } });
  });

  it("lets a place be typed where the platform lists none", async () => {
    openTab(<Setup connection={1} />, { failing: { list_scopes: { code: "forbidden", message: "the user may not list projects", hint: "Allow it to browse projects." } } });
    const jira = within(await screen.findByRole("group", { name: "Scope of Jira" }));
    expect(await jira.findByRole("textbox", { name: "Jira project" })).toHaveProperty("value", "CSD");
    expect(jira.getByText(/Issue types could not be listed: The user may not list projects\. Allow it to browse projects\./)).toBeTruthy();
  });

  it("adds a ticket type with a place on both sides", async () => {
    const { user, saved } = await opened();
    await user.click(screen.getByRole("button", { name: "Add ticket type…" }));
    const dialog = within(screen.getByRole("dialog", { name: "Add ticket type" }));
    await user.click(dialog.getByRole("button", { name: "Add ticket type" }));
    expect(dialog.getByText("Choose a table.")).toBeTruthy();
    await user.selectOptions(await dialog.findByRole("combobox", { name: "ServiceNow table" }), "Problem");
    await user.selectOptions(await dialog.findByRole("combobox", { name: "Jira project" }), "OPS");
    await user.selectOptions(dialog.getByRole("combobox", { name: "Jira issue type" }), "Incident");
    expect(dialog.getByRole("textbox", { name: /^Name/ })).toHaveProperty("value", "Problem");
    await user.click(dialog.getByRole("button", { name: "Add ticket type" }));
    expect(screen.getByRole("button", { name: "Problem", pressed: true })).toBeTruthy();
    expect((await saved()).type?.at(-1)).toEqual({ name: "Problem", source: { container: "", ticket_type: "problem" }, target: { container: "OPS", ticket_type: "10007" }, field: [] });
  });

  it("removes one after a question, and Undo brings it back", async () => {
    const { user } = await opened();
    await user.click(screen.getByRole("button", { name: "Remove…" }));
    expect(document.activeElement?.textContent).toBe("Keep it");
    await user.click(screen.getByRole("button", { name: "Remove Incident" }));
    expect(screen.queryByRole("button", { name: "Incident" })).toBeNull();
    await user.click(screen.getByRole("button", { name: "Undo" }));
    expect(screen.getByRole("button", { name: "Incident" })).toBeTruthy();
  });

  it("renames one while no ticket is linked by its name", async () => {
    const editor = buildEditor(stillNow);
    const picture = editor.pictures.get(1);
    if (picture !== undefined) picture.links = 0;
    const { user, saved } = await opened({ editor });
    await user.click(screen.getByRole("button", { name: "Rename…" }));
    const name = screen.getByRole("textbox", { name: /^Name/ });
    await user.clear(name);
    await user.type(name, "Task");
    expect(screen.getByText("There is a ticket type of this name already.", { selector: ".field-problem" })).toBeTruthy();
    await user.type(name, " of ours{Enter}");
    expect((await saved()).type?.[0]?.name).toBe("Task of ours");
  });

  it("keeps the name that links know", async () => {
    const { user } = await opened();
    const rename = screen.getByRole("button", { name: /^Rename…/ });
    expect(rename.textContent).toContain("Linked tickets are known by this name.");
    await user.click(rename);
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("begins with a ticket type where there is none", async () => {
    const editor = buildEditor(stillNow);
    const picture = editor.pictures.get(1);
    if (picture !== undefined) picture.document = { ...picture.document, type: [] };
    const { user } = openTab(<Setup connection={1} />, { editor });
    await user.click(await screen.findByRole("button", { name: "Add ticket type…" }));
    expect(screen.getByRole("dialog", { name: "Add ticket type" })).toBeTruthy();
  });

  it("counts what a filter lets in, anew once it rests, and not for other edits", async () => {
    const { app, user } = await opened();
    const counted = () => app.calls.filter((call) => call.name === "count_matches").length;
    expect(await screen.findByText(/^154 tickets match now, newest INC0048231\./)).toBeTruthy();
    expect(screen.getByText(/^About 214 tickets match now, newest CSD-1187\. Jira gives no exact count\./)).toBeTruthy();
    expect(counted()).toBe(2);
    await user.click(screen.getByRole("checkbox", { name: "Copy attachments Jira → ServiceNow" }));
    await user.click(within(screen.getByRole("group", { name: "Filter of ServiceNow" })).getByRole("button", { name: "Add condition" }));
    expect(await screen.findByText(/^94 tickets match now/)).toBeTruthy();
    expect(counted()).toBeLessThanOrEqual(4);
    app.world.failing = { count_matches: { code: "unreachable", message: "ServiceNow does not answer", hint: null } };
    await user.click(screen.getAllByRole("button", { name: "Count again" })[0] ?? document.body);
    expect(await screen.findByText(/Not counted: ServiceNow does not answer\./)).toBeTruthy();
  });

  it("says that nothing is counted without a network", async () => {
    vi.spyOn(window.navigator, "onLine", "get").mockReturnValue(false);
    const { app } = await opened();
    expect(screen.getAllByText(/^How many match is not checked\. There is no network\./)).toHaveLength(2);
    expect(app.calls.some((call) => call.name === "count_matches")).toBe(false);
    vi.restoreAllMocks();
  });

  it("asks before private tickets take part", async () => {
    const { user, saved } = await opened();
    const box = screen.getByRole("checkbox", { name: "Include private tickets" });
    await user.click(box);
    const dialog = within(screen.getByRole("alertdialog"));
    expect(document.activeElement).toBe(dialog.getByRole("button", { name: "Keep them out" }));
    await user.keyboard("{Enter}");
    expect(box).toHaveProperty("checked", false);
    await user.click(box);
    await user.click(screen.getByRole("button", { name: "Include private incidents" }));
    expect((await saved()).type?.[0]?.include_private).toBe(true);
  });

  it("saves nothing while a number or a person does not fit, and marks where", async () => {
    const { app, user } = await opened();
    const list = within(screen.getByRole("navigation", { name: "Sections of Setup" }));
    const creates = screen.getByRole("spinbutton", { name: "Tickets created in a run" });
    await user.click(screen.getByRole("checkbox", { name: "Copy attachments Jira → ServiceNow" }));
    await user.clear(creates);
    expect(list.getByRole("button", { name: /^Limits.*error$/ })).toBeTruthy();
    expect(screen.getByRole("button", { name: /^Save setup/ }).textContent).toContain("Tickets created in a run does not fit. Mend it first.");
    await user.keyboard("{Control>}s{/Control}");
    expect(app.calls.some((call) => call.name === "save_document")).toBe(false);
    await user.type(creates, "50");
    expect(list.queryByRole("button", { name: /^Limits.*error$/ })).toBeNull();
    await user.click(screen.getByRole("button", { name: "Add pair" }));
    expect(list.getByRole("button", { name: /^People.*error$/ })).toBeTruthy();
    await user.click(screen.getByRole("button", { name: /^Save setup/ }));
    expect(app.calls.some((call) => call.name === "save_document")).toBe(false);
    await user.click(screen.getByRole("button", { name: "Remove pair 3" }));
    await user.click(screen.getByRole("button", { name: "Save setup" }));
    await waitFor(() => expect(app.calls.some((call) => call.name === "save_document")).toBe(true));
  });

  it("pairs people by hand", async () => {
    const { user, saved } = await opened();
    await user.click(screen.getByRole("button", { name: "Add pair" }));
    expect(screen.getAllByText("An email or an id is needed.")).toHaveLength(2);
    await user.type(screen.getByRole("textbox", { name: "ServiceNow person of pair 3" }), "mo");
    await user.type(screen.getByRole("textbox", { name: "Jira person of pair 3" }), "5b");
    await user.click(screen.getByRole("button", { name: "Remove pair 1" }));
    expect((await saved()).person).toEqual([{ source: "tomas.lind", target: "5b10ac8d82e05b22cc7d4ef5" }, { source: "mo", target: "5b" }]);
  });

  it("finds people by email and keeps their id", async () => {
    const { app, user, saved } = await opened();
    await user.click(screen.getByRole("button", { name: "Add pair" }));
    await user.type(screen.getByRole("textbox", { name: "Jira person of pair 3" }), "5b");
    const field = () => screen.getByRole<HTMLInputElement>("textbox", { name: "ServiceNow person of pair 3" });
    await user.type(field(), "nobody@elsewhere.example");
    expect(screen.getByText("Find who has this address.")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Find" }));
    expect(await screen.findByText("Nobody has this address there, or more than one person has.")).toBeTruthy();
    await user.clear(field());
    await user.type(field(), "elin@corvane.example{Enter}");
    expect(await screen.findByText("Elin Sandberg, elin@corvane.example")).toBeTruthy();
    expect(field().value).toBe("9ddcaa21f7d3");
    expect(app.calls.filter((call) => call.name === "find_person")).toHaveLength(2);
    expect((await saved()).person?.at(2)).toEqual({ source: "9ddcaa21f7d3", target: "5b" });
  });

  it("shows the accounts and leaves them alone", async () => {
    await opened();
    const sides = within(screen.getByRole("region", { name: "Sides" }));
    expect(sides.queryByRole("combobox")).toBeNull();
    expect(sides.getByText("Accounts stay as they are. For other accounts make a new connection.")).toBeTruthy();
    expect(sides.getByText("Dunmarrow Water")).toBeTruthy();
  });

  it("gives axe nothing to say", async () => {
    const { container, user } = await opened();
    await user.selectOptions(screen.getByRole("combobox", { name: "Author line" }), "Own text…");
    expect(await complaints(container)).toEqual([]);
  });
});
