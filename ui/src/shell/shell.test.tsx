import { act, cleanup, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { accountWorld } from "../api/memory-accounts-data";
import { script } from "../api/memory-data";
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

  it.each([
    ["#/overview", "Automatic sync on or off"], ["#/sync", "Preview"], ["#/plan/40", "Only what customers see"], ["#/connection/1/mapping", "Use on the way back"],
    ["#/connection/1/description", "Pick up, then drop"], ["#/connection/1/templates", "Undo, redo"], ["#/connection/1/runs", "First to last tab"],
  ])("of %s tells “%s”", async (hash, does) => {
    window.location.hash = hash;
    const { user } = open("full");
    (await screen.findAllByRole("heading", { level: 1 }))[0]?.focus();
    await user.keyboard("?");
    expect(within(within(screen.getByRole("dialog", { name: "Keys of this screen" })).getByRole("region", { name: "This screen" })).getByText(does)).toBeTruthy();
  });
});

describe("the keychain", () => {
  it("that is locked is told on every screen, keeps orders back, and is unlocked by asking again", async () => {
    const { app, user } = open("calm", { keychain: "locked" });
    expect((await screen.findByRole("alert")).textContent).toContain("Keychain locked. Lockstep cannot read sign-ins, so no run can start.");
    expect(within(screen.getByRole("contentinfo", { name: "Status" })).getByText("Keychain locked")).toBeTruthy();
    const run = within(screen.getByRole("row", { name: /^ServiceNow.*Dunmarrow incidents/ })).getByRole("button", { name: /^Run sync/ });
    expect(run.textContent).toContain("The keychain is locked");
    await user.click(run);
    expect(app.calls.some((call) => call.name === "run_sync")).toBe(false);
    await user.keyboard("{Control>}5{/Control}");
    expect(await screen.findByRole("heading", { name: "Links", level: 1 })).toBeTruthy();
    app.world.keychain = "ready";
    await user.click(screen.getByRole("button", { name: "Unlock keychain" }));
    await waitFor(() => expect(screen.queryByText("Keychain locked.")).toBeNull());
    expect(screen.getByText("Keychain unlocked")).toBeTruthy();
  });
});

describe("a pause of everything", () => {
  it("stands in the status bar and on Overview, and ends there", async () => {
    const world = open("calm");
    const { app, user } = world;
    app.world.settings.settings.paused = true;
    app.tell("changed", null);
    const status = within(await screen.findByRole("contentinfo", { name: "Status" }));
    expect(await status.findByText("All connections are paused")).toBeTruthy();
    expect(screen.getAllByText("On, paused").length).toBeGreaterThan(0);
    await user.click(status.getByRole("button", { name: "Resume" }));
    expect(await screen.findByText("Automatic sync goes on.")).toBeTruthy();
    expect(app.world.settings.settings.paused).toBe(false);
    await waitFor(() => expect(screen.queryByRole("button", { name: "Resume" })).toBeNull());
    await user.click(screen.getByRole("button", { name: "Undo" }));
    await waitFor(() => expect(app.world.settings.settings.paused).toBe(true));
    expect(await status.findByRole("button", { name: "Resume" })).toBeTruthy();
  });
});

describe("the steps of connecting platforms", () => {
  const steps = async () => within(await screen.findByRole("navigation", { name: "Connecting platforms, step by step" }));
  const now = (list: Awaited<ReturnType<typeof steps>>) => list.getAllByRole("listitem").find((item) => item.getAttribute("aria-current") === "step")?.textContent;

  it("begin with Welcome, lead from accounts to a connection, and stay over a restart", async () => {
    const { app, user } = open("empty");
    await user.click(await screen.findByRole("button", { name: "Connect platforms" }));
    const list = await steps();
    expect(list.getAllByRole("listitem").map((item) => item.textContent.replace(/^\d/, "").split(/One|Make/)[0])).toEqual(["Accounts", "Setup", "Mapping", "Plan"]);
    await waitFor(() => expect(now(list)).toContain("One on each side"));
    expect(list.queryByRole("link", { name: "Setup" })).toBeNull();
    app.world.accounts = accountWorld().accounts;
    await user.click(screen.getByRole("link", { name: /^Overview/ }));
    await user.click(await list.findByRole("link", { name: "Setup" }));
    expect(await screen.findByRole("dialog", { name: "New connection" })).toBeTruthy();
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(window.location.hash).toBe("#/overview");
    cleanup();
    open("empty");
    expect(await steps()).toBeTruthy();
  });

  it("follow the connection that is made", async () => {
    window.localStorage.setItem("lockstep.connecting", JSON.stringify({ state: "on" }));
    const connections = (script("full").connections ?? []).filter((each) => each.id === 6).map((each) => ({ ...each, state: "setup_not_finished" as const }));
    const { app, user } = open("full", { connections });
    const list = await steps();
    await waitFor(() => expect(now(list)).toContain("Mapping"));
    expect(list.getByRole("link", { name: "Mapping" }).getAttribute("href")).toBe("#/connection/6/mapping");
    expect(list.getByRole("link", { name: "Plan" }).getAttribute("href")).toBe("#/sync?connection=6");
    expect(await findings()).toEqual([]);
    app.world.connections = connections.map((each) => ({ ...each, state: "ready_for_automatic_sync" as const, first_run: false }));
    app.tell("changed", null);
    await user.click(await list.findByRole("button", { name: "Done" }));
    expect(screen.queryByRole("navigation", { name: /^Connecting/ })).toBeNull();
  });

  it("are left at any time, and everything stays", async () => {
    window.localStorage.setItem("lockstep.connecting", JSON.stringify({ state: "on" }));
    const { user } = open("full");
    await user.click((await steps()).getByRole("button", { name: "Leave the steps" }));
    expect(screen.queryByRole("navigation", { name: /^Connecting/ })).toBeNull();
    expect(screen.getByRole("heading", { name: "Overview", level: 1 })).toBeTruthy();
  });
});

describe("the network", () => {
  it("that went is told with the time, and its return is told, too", async () => {
    vi.useFakeTimers({ now: new Date(2026, 4, 12, 13, 51), toFake: ["Date"] });
    open("full");
    const status = within(await screen.findByRole("contentinfo", { name: "Status" }));
    expect(status.getByText("Online")).toBeTruthy();
    const there = vi.spyOn(window.navigator, "onLine", "get").mockReturnValue(false);
    act(() => void window.dispatchEvent(new Event("offline")));
    expect(await screen.findByText(/^Offline since (13:51|1:51.PM)\.$/)).toBeTruthy();
    expect(status.getByText("Offline")).toBeTruthy();
    there.mockReturnValue(true);
    act(() => void window.dispatchEvent(new Event("online")));
    expect(screen.queryByText(/^Offline since/)).toBeNull();
    vi.useRealTimers();
    vi.restoreAllMocks();
  });
});
