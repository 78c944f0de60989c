import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { ConnectionDoc } from "../../../api/generated/ConnectionDoc";
import { buildEditor } from "../../../api/memory-build-data";
import { stillNow } from "../../../api/memory-data";
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
    await user.selectOptions(within(screen.getByRole("group", { name: "Filter of Jira" })).getByRole("combobox", { name: "Value of condition 1" }), "Telemetry");
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

  it("reads the other place once its name is typed to the end", async () => {
    const { app, user } = await opened();
    const before = app.calls.filter((call) => call.name === "read_offers").length;
    const project = screen.getByRole("textbox", { name: "Project" });
    await user.clear(project);
    await user.type(project, "OPS{Enter}");
    await waitFor(() => expect(app.calls.filter((call) => call.name === "read_offers")).toHaveLength(before + 1));
    expect(app.calls.findLast((call) => call.name === "read_offers")?.request).toMatchObject({ target: { container: "OPS" } });
  });

  it("pairs people by hand", async () => {
    const { user, saved } = await opened();
    await user.click(screen.getByRole("button", { name: "Add pair" }));
    expect(screen.getAllByText("An id is needed.")).toHaveLength(2);
    await user.type(screen.getByRole("textbox", { name: "ServiceNow id of pair 3" }), "mo");
    await user.type(screen.getByRole("textbox", { name: "Jira id of pair 3" }), "5b");
    await user.click(screen.getByRole("button", { name: "Remove pair 1" }));
    expect((await saved()).person).toEqual([{ source: "tomas.lind", target: "5b10ac8d82e05b22cc7d4ef5" }, { source: "mo", target: "5b" }]);
  });

  it("offers accounts until a first run has linked tickets", async () => {
    openTab(<Setup connection={6} />);
    expect(await screen.findByRole("combobox", { name: "Account of the source" })).toBeTruthy();
  });

  it("leaves accounts alone after that", async () => {
    await opened();
    expect(screen.queryByRole("combobox", { name: "Account of the source" })).toBeNull();
    expect(screen.getByText("Accounts stay as they are once a run has linked tickets.")).toBeTruthy();
  });

  it("gives axe nothing to say", async () => {
    const { container, user } = await opened();
    await user.selectOptions(screen.getByRole("combobox", { name: "Author line" }), "Own text…");
    expect(await complaints(container)).toEqual([]);
  });
});
