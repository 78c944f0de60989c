import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { findings } from "../test/axe";
import { open } from "../test/window";

describe("Sidebar", () => {
  it("counts conflicts and quarantine over all connections", async () => {
    open("full");
    const nav = await screen.findByRole("navigation", { name: "Main" });
    expect(await within(nav).findByRole("link", { name: /^Conflicts ?5 open/ })).toBeTruthy();
    expect(within(nav).getByRole("link", { name: /^Quarantine ?5 tickets/ })).toBeTruthy();
  });

  it.each([["3", "Conflicts"], ["4", "Quarantine"], ["5", "Links"], [",", "Settings"]])("goes by Ctrl %s", async (key, title) => {
    const { user } = open("full");
    await screen.findByRole("heading", { name: "Overview", level: 1 });
    await user.keyboard(`{Control>}${key}{/Control}`);
    expect(await screen.findByRole("heading", { name: title, level: 1 })).toBeTruthy();
  });
});

describe("Go to…", () => {
  it("finds a screen by a few letters and goes there", async () => {
    const { user } = open("full");
    await user.click(await screen.findByRole("button", { name: /^Go to…/ }));
    expect(document.activeElement).toBe(screen.getByRole("combobox", { name: "Go to" }));
    await user.keyboard("quar{Enter}");
    expect(await screen.findByRole("heading", { name: "Quarantine", level: 1 })).toBeTruthy();
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("moves with the arrows, finds runs and accounts, and closes with Esc", async () => {
    const { user } = open("full");
    const opener = await screen.findByRole("button", { name: /^Go to…/ });
    opener.focus();
    await user.keyboard("{Control>}k{/Control}");
    await user.type(screen.getByRole("combobox", { name: "Go to" }), "dunmarrow");
    const options = await screen.findAllByRole("option");
    expect(options[0]?.getAttribute("aria-selected")).toBe("true");
    await user.keyboard("{ArrowDown}");
    expect(screen.getAllByRole("option")[1]?.getAttribute("aria-selected")).toBe("true");
    await waitFor(() => expect(screen.getByRole("option", { name: /Dunmarrow Water/ })).toBeTruthy());
    await user.clear(screen.getByRole("combobox", { name: "Go to" }));
    await user.type(screen.getByRole("combobox", { name: "Go to" }), "2,416");
    expect(await screen.findByRole("option", { name: /^Run 2,416/ })).toBeTruthy();
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(document.activeElement).toBe(opener);
  });

  it("opens the account that was picked", async () => {
    const { user } = open("full");
    await user.click(await screen.findByRole("button", { name: /^Go to…/ }));
    await screen.findByRole("option", { name: /^Overview/ });
    await user.keyboard("ostrel rail");
    await screen.findByRole("option", { name: /ServiceNow account/ });
    await user.keyboard("{Enter}");
    expect(await screen.findByRole("heading", { name: "Ostrel Rail", level: 2 })).toBeTruthy();
  });

  it("explains a ticket by its number", async () => {
    const { user } = open("full");
    await user.click(await screen.findByRole("button", { name: /^Go to…/ }));
    await user.keyboard("inc0048120{Enter}");
    const dialog = await screen.findByRole("dialog", { name: "Explain INC0048120" });
    expect(await within(dialog).findByText("The filter keeps it out.")).toBeTruthy();
    expect(await findings()).toEqual([]);
  });

  it("says so when nothing fits, and when a ticket is not known", async () => {
    const { user } = open("full");
    await user.click(await screen.findByRole("button", { name: /^Go to…/ }));
    await user.keyboard("zzzz");
    expect(screen.getByText(/Nothing here is called “zzzz”/)).toBeTruthy();
    await user.keyboard("1{Enter}");
    expect(await screen.findByRole("heading", { name: "ZZZZ1 could not be explained" })).toBeTruthy();
  });

  it("has nothing for axe to find", async () => {
    const { user } = open("full");
    await user.click(await screen.findByRole("button", { name: /^Go to…/ }));
    expect(await findings()).toEqual([]);
  });
});

describe("Keys of this screen", () => {
  it("opens with ? but not while typing", async () => {
    const { user } = open("full");
    window.location.hash = "#/links";
    await user.type(await screen.findByRole("searchbox", { name: "Search links" }), "?");
    expect(screen.queryByRole("dialog")).toBeNull();
    (await screen.findByRole("heading", { name: "Links", level: 1 })).focus();
    await user.keyboard("?");
    const sheet = screen.getByRole("dialog", { name: "Keys of this screen" });
    expect(within(sheet).getByText("Explain this ticket")).toBeTruthy();
    expect(await findings()).toEqual([]);
  });
});
