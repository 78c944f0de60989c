import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { buildEditor } from "../../../api/memory-build-data";
import { stillNow } from "../../../api/memory-data";
import { pick } from "../../../test/pick";
import { complaints, openTab } from "../../../test/tab";
import { Templates } from ".";

async function opened(more: Parameters<typeof openTab>[1] = {}) {
  const tab = openTab(<Templates connection={1} />, more);
  await screen.findByText(/^Severity is Critical or Major and Assignment group is Security$/);
  const saved = async () => {
    await tab.user.click(screen.getByRole("button", { name: /^Save / }));
    await waitFor(() => expect(tab.app.calls.some((call) => call.name === "save_document")).toBe(true));
    const order = tab.app.calls.findLast((call) => call.name === "save_document")?.request as { document: { type: TypeMapping[] } };
    return order.document.type[0];
  };
  return { ...tab, saved };
}

const cards = () => within(screen.getByRole("list", { name: "Templates, in order" })).getAllByRole("listitem").filter((item) => item.classList.contains("template"));
const card = (place: number) => screen.getByRole("listitem", { name: new RegExp(`^Template ${place}: `) });
const names = () => cards().map((card) => card.getAttribute("aria-label")?.replace(/^Template \d+: /, ""));

describe("Templates", () => {
  it("tells conditions, container and values of each card in order", async () => {
    await opened();
    expect(names()).toEqual(["Security incident", "Network outage", "Operations incident"]);
    expect(cards()[0]?.textContent).toContain("project SEC");
    expect(cards()[0]?.textContent).toContain("Assigned team Security, Priority Highest");
    expect(screen.getByText("Category is Network and (Impact is 1 - High or Short description contains outage)")).toBeTruthy();
    expect(screen.getByRole("region", { name: "No match" })).toBeTruthy();
  });

  it("moves a card with the keys and renames it with F2", async () => {
    const { user, saved } = await opened();
    screen.getByRole("button", { name: /^Move Operations incident/ }).focus();
    await user.keyboard(" {ArrowUp}");
    expect(screen.getByText("Operations incident, template 2 of 3")).toBeTruthy();
    await user.keyboard("{Enter}");
    expect(names()).toEqual(["Security incident", "Operations incident", "Network outage"]);
    await user.keyboard("{F2}");
    await user.clear(screen.getByRole("textbox", { name: "Name of Operations incident" }));
    await user.keyboard("Operations{Enter}");
    expect(names()[1]).toBe("Operations");
    expect((await saved())?.template?.map((template) => template.name)).toEqual(["Security incident", "Operations", "Network outage"]);
  });

  it("changes conditions and values with what the platforms offer", async () => {
    const { user, saved } = await opened();
    await user.click(screen.getByRole("button", { name: "Edit Operations incident" }));
    await pick(user, screen.getByRole("button", { name: "Another value of condition 1" }), "Facilities");
    await user.click(screen.getByRole("button", { name: "Add condition" }));
    await user.selectOptions(screen.getByRole("combobox", { name: "Field of condition 2" }), "Urgency");
    await pick(user, screen.getByRole("button", { name: "Value of condition 2" }), "1 - High");
    await user.click(screen.getByRole("button", { name: "Any" }));
    await user.click(screen.getByRole("button", { name: "Set a value" }));
    await user.selectOptions(screen.getByRole("combobox", { name: "Field instead of Components" }), "Labels");
    await user.type(screen.getByRole("textbox", { name: "Value of Labels" }), "ops");
    expect((await saved())?.template?.[2]).toEqual({
      name: "Operations incident", set: { customfield_10060: "t1", labels: "ops" },
      when: { any: [{ field: "assignment_group", operator: "is", values: ["g1", "g9"] }, { field: "urgency", operator: "is", values: ["1"] }] },
    });
  });

  it("says at each card what it does with one ticket, and that an edit made this old", async () => {
    const { user } = await opened();
    await waitFor(() => expect(screen.getAllByRole("option", { name: /^INC0048201/ })).toBeTruthy());
    await user.selectOptions(screen.getByRole("combobox", { name: "ServiceNow ticket" }), screen.getByRole("option", { name: /^INC0048201/ }));
    await user.click(screen.getByRole("button", { name: "Test" }));
    expect(await within(card(1)).findByText("not caught: Assignment group is Corvane network, not Security")).toBeTruthy();
    expect(within(card(2)).getByText("caught here")).toBeTruthy();
    expect(within(card(3)).getByText("not reached")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Remove Security incident" }));
    expect(screen.getByText("Tested before your last change.")).toBeTruthy();
  });

  it("keeps the focus among the cards when they are removed, to the last", async () => {
    const { user } = await opened();
    await user.click(screen.getByRole("button", { name: "Remove Security incident" }));
    expect(document.activeElement).toBe(screen.getByRole("button", { name: "Remove Network outage" }));
    await user.click(screen.getByRole("button", { name: "Remove Network outage" }));
    await user.click(screen.getByRole("button", { name: "Remove Operations incident" }));
    expect(document.activeElement).toBe(screen.getByRole("button", { name: "Add template" }));
  });

  it("says that a platform makes it wait, and which side cannot be read", async () => {
    const editor = buildEditor(stillNow);
    editor.offers.target = { ...editor.offers.target, trouble: { code: "unreachable", message: "Jira did not answer", hint: null } };
    const { user } = await opened({ editor, failing: { test_templates: { code: "rate_limited", message: "too many reads until 14:06", hint: null } } });
    expect(screen.getByText(/^Jira cannot be read now; fields as of .*: Jira did not answer\.$/)).toBeTruthy();
    expect(screen.getByRole("button", { name: "Read the ServiceNow fields again" })).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Test" }));
    expect(await screen.findByText("ServiceNow makes Lockstep wait.")).toBeTruthy();
  });

  it("goes to the card of a problem with F8, and from pane to pane with F6", async () => {
    const { user } = await opened();
    await user.click(screen.getByRole("button", { name: "Edit Security incident" }));
    await user.click(screen.getByRole("button", { name: "Remove condition 2" }));
    await user.click(screen.getByRole("button", { name: "Remove condition 1" }));
    await within(card(2)).findByText(/No ticket comes this far/);
    await user.keyboard("{F8}");
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("button", { name: "Edit Network outage" })));
    expect(document.activeElement?.getAttribute("aria-expanded")).toBe("true");
    await user.keyboard("{F6}");
    expect(screen.getByRole("region", { name: "Which template catches" }).contains(document.activeElement)).toBe(true);
    await user.keyboard("{Shift>}{F6}{/Shift}");
    expect(document.querySelector(".templates-cards")?.contains(document.activeElement)).toBe(true);
  });

  it("says that nothing is created without a template", async () => {
    const { user } = await opened();
    for (const name of ["Security incident", "Network outage", "Operations incident"]) await user.click(screen.getByRole("button", { name: `Remove ${name}` }));
    expect(await within(screen.getByRole("region", { name: "No match" })).findByText(/There is no template, so no ticket is created in Jira/)).toBeTruthy();
  });

  it("creates in a project of the list, or in one that is typed", async () => {
    const { app, user, saved } = await opened();
    const real = app.call;
    app.call = (...call) => (call[0] === "list_scopes"
      ? Promise.resolve([{ scope: { container: "10001", ticket_type: "1" }, label: "SEC · Incident", customers_read: true }, { scope: { container: "10002", ticket_type: "1" }, label: "OPS · Incident", customers_read: true }] as never)
      : real(...call));
    await user.click(screen.getByRole("button", { name: "Edit Security incident" }));
    const project = await screen.findByRole<HTMLSelectElement>("combobox", { name: "Container of Security incident" });
    expect(project.selectedOptions[0]?.textContent).toBe("SEC");
    await user.selectOptions(project, "OPS");
    await user.click(screen.getByRole("button", { name: "Edit Network outage" }));
    await user.selectOptions(await screen.findByRole("combobox", { name: "Container of Network outage" }), "Another…");
    await user.type(screen.getByRole("textbox", { name: "Container of Network outage" }), "NET{Enter}");
    expect((await saved())?.template?.map((template) => template.container)).toEqual(["10002", "NET", undefined]);
  });

  it("counts recent tickets for each template", async () => {
    const { user } = await opened();
    await user.click(screen.getByRole("button", { name: "Test" }));
    const rows = within(await screen.findByRole("table", { name: "Tickets caught by each template" })).getAllByRole("row");
    expect(rows.map((row) => row.textContent)).toEqual(["TemplateTickets", "Security incident1", "Network outage1", "Operations incident1", "No match1"]);
  });

  it("asks before private tickets leave, with the safe choice in focus", async () => {
    const { user, saved } = await opened();
    const box = screen.getByRole("checkbox", { name: "Also create tickets for private incidents" });
    await user.click(box);
    const dialog = screen.getByRole("alertdialog", { name: "Include private incidents?" });
    expect(document.activeElement).toBe(within(dialog).getByRole("button", { name: "Keep them out" }));
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("alertdialog")).toBeNull();
    expect((box as HTMLInputElement).checked).toBe(false);
    await user.click(box);
    await user.click(screen.getByRole("button", { name: "Include private incidents" }));
    expect((await saved())?.include_private).toBe(true);
  });

  it("creates with a template where none matches, and warns of one that no ticket reaches", async () => {
    const { user, saved } = await opened();
    await user.selectOptions(screen.getByRole("combobox", { name: "When no template matches" }), "Create with Operations incident");
    await user.click(screen.getByRole("button", { name: "Edit Security incident" }));
    await user.click(screen.getByRole("button", { name: "Remove condition 2" }));
    await user.click(screen.getByRole("button", { name: "Remove condition 1" }));
    expect(await within(card(2)).findByText(/No ticket comes this far: the template Security incident above catches it\./)).toBeTruthy();
    expect((await saved())?.no_match).toEqual({ use: "Operations incident" });
  });

  it("switches to the other direction and to a ticket type without templates", async () => {
    const { user } = await opened();
    await user.click(screen.getByRole("button", { name: "Jira → ServiceNow" }));
    expect(names()).toEqual(["From the desk"]);
    await user.click(screen.getByRole("button", { name: "Task" }));
    expect(await screen.findByText("Without a template no ticket is created in Jira. Linked tickets still sync.")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Add template" }));
    expect(names()).toEqual(["Task"]);
  });

  it("gives axe nothing to say, closed, open and asking", async () => {
    const { container, user } = await opened({ editor: buildEditor(stillNow) });
    await user.click(screen.getByRole("button", { name: "Edit Network outage" }));
    await user.click(screen.getByRole("button", { name: "Test" }));
    await screen.findByRole("table", { name: "Template of each ticket" });
    expect(await complaints(container)).toEqual([]);
    await user.click(screen.getByRole("checkbox", { name: /private/ }));
    expect(await complaints(screen.getByRole("alertdialog"))).toEqual([]);
  });
});
