import { screen, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { open } from "../test/window";

async function explained(ticket: string) {
  window.location.hash = "#/overview";
  const opened = open("full");
  await screen.findByRole("heading", { name: "Overview", level: 1 });
  await opened.user.keyboard("{Control>}k{/Control}");
  await opened.user.type(screen.getByRole("combobox", { name: "Go to" }), `${ticket}{Enter}`);
  return { ...opened, dialog: await screen.findByRole("dialog", { name: `Explain ${ticket}` }) };
}

it("leads from the first no to its screen, and takes the dialog away", async () => {
  const { user, dialog } = await explained("INC0048120");
  const filter = (await within(dialog).findAllByRole("listitem")).find((item) => item.className === "chain-no");
  if (filter === undefined) throw new Error("no step says no");
  await user.click(within(filter).getByRole("button", { name: "Change filter…" }));
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(window.location.hash).toBe("#/connection/1/setup");
});

it("opens both tickets of the pair in the browser, and says when that is refused", async () => {
  const { app, user, dialog } = await explained("CSD-1179");
  await user.click(await within(dialog).findByRole("button", { name: "Open in ServiceNow" }));
  await user.click(within(dialog).getByRole("button", { name: "Open in Jira" }));
  expect(app.calls.filter((call) => call.name === "open_ticket").map((call) => call.request)).toEqual([
    { connection: "Dunmarrow incidents", side: "source", key: "INC0048197" },
    { connection: "Dunmarrow incidents", side: "target", key: "CSD-1179" },
  ]);
  app.world.failing = { open_ticket: { code: "invalid", message: "the system has no browser", hint: null } };
  await user.click(within(dialog).getByRole("button", { name: "Open in Jira" }));
  expect((await within(dialog).findByRole("alert")).textContent).toBe("The system has no browser.");
});

it("offers no ticket where there is none", async () => {
  const { dialog } = await explained("INC0048120");
  await within(dialog).findByRole("button", { name: "Open in ServiceNow" });
  expect(within(dialog).queryByRole("button", { name: "Open in Jira" })).toBeNull();
});
