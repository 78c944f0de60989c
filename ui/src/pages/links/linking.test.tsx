import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { linkView } from "../../api/memory-tickets-data";
import { findings } from "../../test/axe";
import { open } from "../../test/window";

function at(more = {}) {
  window.location.hash = "#/links";
  return open("full", more);
}

const requests = (calls: { name: string; request: unknown }[], name: string) => calls.filter((call) => call.name === name).map((call) => call.request);

async function chosen(user: ReturnType<typeof at>["user"], source: string, target: string) {
  await user.click(await screen.findByRole("button", { name: "Link tickets…" }));
  const dialog = screen.getByRole("dialog", { name: "Link tickets" });
  await user.type(within(dialog).getByRole("textbox", { name: /^ServiceNow ticket/ }), source);
  await user.type(within(dialog).getByRole("textbox", { name: /^Jira ticket/ }), `${target}{Enter}`);
  const preview = await screen.findByRole("dialog", { name: `Link ${source} ⇄ ${target}` });
  await within(preview).findByRole("table", { name: "Fields of both" });
  return preview;
}

describe("linking two tickets", () => {
  it("shows both side by side, keeps both as they are, and counts all comments as known", async () => {
    const { app, user } = at();
    const preview = await chosen(user, "INC0077001", "CSD-7001");
    const rows = within(within(preview).getByRole("table", { name: "Fields of both" })).getAllByRole("row").map((row) => row.textContent);
    expect(rows).toContain("State, StatusOn HoldIn Progressdiffers");
    expect(rows).toContain("DescriptionValues arrive an hour late.emptynot compared");
    expect(within(preview).getAllByRole("checkbox").every((box) => (box as HTMLInputElement).checked)).toBe(true);
    expect(within(within(preview).getByRole("region", { name: "What the next run writes" })).getByText("Nothing.")).toBeTruthy();
    await user.click(within(preview).getByRole("button", { name: "Link tickets" }));
    expect(await screen.findByText("INC0077001 ⇄ CSD-7001 is linked.")).toBeTruthy();
    expect(requests(app.calls, "link_tickets")).toEqual([{ connection: 1, type_mapping: "Incident", source: "INC0077001", target: "CSD-7001", fields: "keep", known: null, instead: false }]);
    expect(await screen.findByRole("heading", { name: "INC0077001 ⇄ CSD-7001" })).toBeTruthy();
  });

  it("previews what it writes when one side is made like the other, and what is not known", async () => {
    const { app, user } = at();
    const preview = await chosen(user, "INC0077001", "CSD-7001");
    await user.click(within(preview).getByRole("radio", { name: "Make target like source" }));
    expect(await within(preview).findByText("Status: In Progress → On Hold")).toBeTruthy();
    await user.click(within(preview).getByRole("checkbox", { name: "trace.log" }));
    await user.click(within(preview).getByRole("button", { name: /^Link tickets/ }));
    await waitFor(() => expect(within(preview).getByRole("button", { name: /^Link tickets/ }).getAttribute("aria-disabled")).toBeNull());
    expect(within(preview).getByText("1 comment or file will be copied.")).toBeTruthy();
    await user.click(within(preview).getByRole("button", { name: "Link tickets" }));
    await waitFor(() => expect(requests(app.calls, "link_tickets")).toEqual([
      { connection: 1, type_mapping: "Incident", source: "INC0077001", target: "CSD-7001", fields: "target_like_source", known: { source: ["8f2c41"], target: ["20014"] }, instead: false },
    ]));
  });

  it("says that a ticket is linked already, and swaps its partner only by that name", async () => {
    const { app, user } = at();
    const preview = await chosen(user, "INC0048213", "CSD-7001");
    expect(within(preview).getByText("INC0048213 is linked with CSD-1187. That link ends; both tickets stay as they are.")).toBeTruthy();
    expect(within(preview).queryByRole("button", { name: "Link tickets" })).toBeNull();
    await user.click(within(preview).getByRole("button", { name: "Relink tickets" }));
    await waitFor(() => expect(requests(app.calls, "link_tickets")).toHaveLength(1));
    expect(requests(app.calls, "link_tickets")[0]).toMatchObject({ source: "INC0048213", target: "CSD-7001", instead: true });
  });

  it("does not link two that are linked with each other", async () => {
    const { user } = at();
    const preview = await chosen(user, "INC0048213", "CSD-1187");
    expect(within(preview).getByRole("button", { name: /^Relink tickets|^Link tickets/ }).getAttribute("aria-disabled")).toBe("true");
    expect(within(preview).getByText("The two are linked already.")).toBeTruthy();
  });

  it("finds another partner for the chosen link, and goes back without linking", async () => {
    const { app, user } = at();
    await user.click(await screen.findByRole("button", { name: "Relink…" }));
    const dialog = screen.getByRole("dialog", { name: "Relink INC0048213" });
    expect(document.activeElement).toBe(within(dialog).getByRole("textbox", { name: /^Jira ticket/ }));
    await user.keyboard("CSD-7001{Enter}");
    const preview = await screen.findByRole("dialog", { name: "Link INC0048213 ⇄ CSD-7001" });
    await user.click(within(preview).getByRole("button", { name: "Back" }));
    expect(screen.getByRole<HTMLInputElement>("textbox", { name: /^Jira ticket/ }).value).toBe("CSD-7001");
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(requests(app.calls, "link_tickets")).toEqual([]);
  });

  it("says why the two could not be read, and tries again", async () => {
    const { app, user } = at();
    app.world.failing = { preview_link: { code: "unreachable", message: "Jira does not answer", hint: "Try later." } };
    await user.click(await screen.findByRole("button", { name: "Link tickets…" }));
    await user.type(screen.getByRole("textbox", { name: /^ServiceNow ticket/ }), "INC1");
    await user.type(screen.getByRole("textbox", { name: /^Jira ticket/ }), "CSD-1{Enter}");
    expect(await screen.findByRole("heading", { name: "The two could not be read" })).toBeTruthy();
    expect(screen.getByRole("button", { name: /^Link tickets/ , description: /have to be read/ })).toBeTruthy();
    app.world.failing = {};
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("table", { name: "Fields of both" })).toBeTruthy();
  });

  it("links an unlinked pair again, with the comments of the meantime if wanted", async () => {
    const { app, user } = at({ links: [linkView({ id: 5, source: "INC0048173", target: "CSD-1467", state: "ended", reason: "unlinked by a person", relink_until_ms: Date.now() + 9e9 })] });
    await user.selectOptions(await screen.findByRole("combobox", { name: "State" }), "Unlinked");
    await user.click(await screen.findByRole("button", { name: "Link again…" }));
    const dialog = screen.getByRole("alertdialog", { name: "Link INC0048173 ⇄ CSD-1467 again?" });
    await user.click(within(dialog).getByRole("checkbox", { name: "Copy comments and files written meanwhile" }));
    await user.click(within(dialog).getByRole("button", { name: "Link again" }));
    expect(await screen.findByText("INC0048173 ⇄ CSD-1467 is linked again.")).toBeTruthy();
    expect(requests(app.calls, "relink")).toEqual([{ connection: 1, link: 5, copy_comments: true }]);
  });

  it("takes an unlinking back", async () => {
    const { app, user } = at({ links: [linkView({ id: 5, source: "INC0048173", target: "CSD-1467" })] });
    await user.click(await screen.findByRole("button", { name: "Unlink…" }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Unlink" }));
    await user.click(await screen.findByRole("button", { name: "Undo" }));
    expect(await screen.findByText("INC0048173 ⇄ CSD-1467 is linked again.")).toBeTruthy();
    expect(requests(app.calls, "relink")).toEqual([{ connection: 1, link: 5, copy_comments: true }]);
    expect(await screen.findByText("1 link, row 1")).toBeTruthy();
  });

  it("has nothing for axe to find", async () => {
    const { user } = at();
    await chosen(user, "INC0077001", "CSD-7001");
    expect(await findings()).toEqual([]);
  });
});
