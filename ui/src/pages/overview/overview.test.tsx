import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { script } from "../../api/memory-data";
import { findings } from "../../test/axe";
import { open } from "../../test/window";

describe("Overview", () => {
  it("puts what needs somebody first, worst on top", async () => {
    open("full");
    const table = await screen.findByRole("table", { name: /Needs you/ });
    const names = within(table).getAllByRole("rowheader").map((header) => within(header).getByRole("link").textContent);
    expect(names).toEqual(["Fennick stores", "Pellworth requests", "Tarn Valley desk"]);
    expect(within(table).getByText("Sign-in needed")).toBeTruthy();
    expect(within(screen.getByRole("table", { name: /In step/ })).getAllByRole("row")).toHaveLength(4);
  });

  it("shows a wait for a host in place of Running", async () => {
    open("full");
    const row = await screen.findByRole("row", { name: /Quillmark support/ });
    expect(within(row).getByText(/^Waiting for rate limit until/)).toBeTruthy();
  });

  it("says so when nothing needs anybody", async () => {
    open("calm");
    expect(await screen.findByText(/Nothing needs you/)).toBeTruthy();
  });

  it("switches automatic sync, and takes it back", async () => {
    const { app, user } = open("full");
    const toggle = await screen.findByRole("switch", { name: "Automatic sync of Ostrel alerts" });
    await user.click(toggle);
    expect(await screen.findByText("Automatic sync of Ostrel alerts is on.")).toBeTruthy();
    await waitFor(() => expect(toggle.getAttribute("aria-checked")).toBe("true"));
    await user.click(screen.getByRole("button", { name: "Undo" }));
    await waitFor(() => expect(app.calls.filter((call) => call.name === "set_automatic")).toHaveLength(2));
    await waitFor(() => expect(toggle.getAttribute("aria-checked")).toBe("false"));
  });

  it("keeps a switch off whose needs are not met, with the reason", async () => {
    const { app, user } = open("full");
    const toggle = await screen.findByRole("switch", { name: "Automatic sync of Tarn Valley desk" });
    await user.click(toggle);
    expect(app.calls.some((call) => call.name === "set_automatic")).toBe(false);
    expect(document.getElementById(toggle.getAttribute("aria-describedby") ?? "")?.textContent).toBe("No run of this connection has finished yet.");
  });

  it("shows an error where the content would be", async () => {
    const { app, user } = open("broken");
    expect(await screen.findByRole("heading", { name: "The connections could not be read" })).toBeTruthy();
    app.world.failing = {};
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("link", { name: "Incidents" })).toBeTruthy();
  });

  it("has its landmarks and goes by keyboard", async () => {
    const { user } = open("full");
    expect(await screen.findByRole("navigation", { name: "Main" })).toBeTruthy();
    expect(screen.getByRole("main")).toBeTruthy();
    await user.tab();
    expect(document.activeElement?.textContent).toBe("Skip to content");
    await user.keyboard("{Control>}2{/Control}");
    expect(await screen.findByRole("heading", { name: "Sync", level: 1 })).toBeTruthy();
  });

  it("filters by name, account and state, and shows all again", async () => {
    const { user } = open("full");
    const find = await screen.findByRole("searchbox", { name: "Filter connections" });
    const names = () => screen.queryAllByRole("rowheader").map((header) => within(header).getByRole("link").textContent);
    await user.type(find, "pellworth hosp");
    expect(names()).toEqual(["Pellworth requests"]);
    await user.clear(find);
    await user.type(find, "sign-in");
    expect(names()).toEqual(["Fennick stores"]);
    await user.type(find, "zzz");
    expect(screen.getByRole("heading", { name: "No connection fits “sign-inzzz”" })).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Show all" }));
    expect(names()).toHaveLength(6);
  });

  it("puts the longest waiting first where the states are the same", async () => {
    const world = script("calm");
    const connections = (world.connections ?? []).map((each) => (each.id === 5 ? { ...each, waiting_since_ms: 1 } : each));
    open("calm", { connections });
    const table = await screen.findByRole("table", { name: /In step/ });
    expect(within(table).getAllByRole("rowheader").map((header) => within(header).getByRole("link").textContent)).toEqual(["Quillmark support", "Dunmarrow incidents", "Ostrel alerts"]);
  });

  it("opens the connection by its name, and walks by arrows over both tables", async () => {
    const { user } = open("full");
    const first = await screen.findByRole("link", { name: "Fennick stores" });
    first.focus();
    await user.keyboard("{ArrowDown}{ArrowDown}{ArrowDown}");
    expect(document.activeElement?.textContent).toBe("Dunmarrow incidents");
    await user.keyboard("{End}");
    expect(document.activeElement?.textContent).toBe("Ostrel alerts");
    await user.keyboard("{Home}");
    expect(document.activeElement).toBe(first);
    await user.keyboard("{Enter}");
    expect(window.location.hash).toBe("#/connection/2/status");
  });

  it("runs, previews and switches the row in focus by letters, unless those are off", async () => {
    const { app, user } = open("calm");
    const link = await screen.findByRole("link", { name: "Dunmarrow incidents" });
    link.focus();
    window.localStorage.setItem("lockstep.preferences", JSON.stringify({ letters: "off" }));
    await user.keyboard("ra");
    expect(app.calls.some((call) => call.name === "run_sync" || call.name === "set_automatic")).toBe(false);
    window.localStorage.clear();
    await user.keyboard("a");
    await waitFor(() => expect(app.calls.find((call) => call.name === "set_automatic")?.request).toEqual({ connection: 1, on: false }));
    await user.keyboard("{Control>}r{/Control}");
    expect(app.calls.some((call) => call.name === "run_sync")).toBe(false);
    screen.getByRole("link", { name: "Quillmark support" }).focus();
    await user.keyboard("r");
    await waitFor(() => expect(app.calls.find((call) => call.name === "run_sync")?.request).toMatchObject({ connection: 5 }));
    screen.getByRole("link", { name: "Ostrel alerts" }).focus();
    await user.keyboard("p");
    await waitFor(() => expect(window.location.hash).toMatch(/^#\/plan\//));
  });

  it("says in the row why a run did not start", async () => {
    const { user } = open("calm", { failing: { run_sync: { code: "busy", message: "another Lockstep runs on this store", hint: null } } });
    const row = within(await screen.findByRole("row", { name: /^ServiceNow.*Dunmarrow incidents/ }));
    await user.click(row.getByRole("button", { name: "Run sync" }));
    expect((await screen.findByRole("alert")).textContent).toContain("Another Lockstep runs on this store.");
  });

  it("has a menu in each row that walks by arrows and gives the focus back", async () => {
    const { app, user } = open("calm");
    const more = await screen.findByRole("button", { name: "More for Dunmarrow incidents" });
    more.focus();
    await user.keyboard("{Enter}");
    expect(screen.getAllByRole("menuitem").map((item) => item.textContent)).toEqual(["Preview", "Run sync", "Open mapping", "Rename…", "Duplicate…", "Export…", "Pause", "Delete…"]);
    expect(document.activeElement?.textContent).toBe("Preview");
    expect(await findings()).toEqual([]);
    await user.keyboard("{Escape}");
    expect(document.activeElement).toBe(more);
    await user.keyboard("{Enter}{ArrowUp}");
    expect(document.activeElement?.textContent).toBe("Delete…");
    await user.keyboard("o");
    expect(document.activeElement?.textContent).toBe("Open mapping");
    await user.keyboard("{ArrowDown}{ArrowDown}{ArrowDown}{ArrowDown}{Enter}");
    await waitFor(() => expect(app.calls.find((call) => call.name === "set_automatic")?.request).toEqual({ connection: 1, on: false }));
    await user.click(more);
    await user.click(screen.getByRole("menuitem", { name: "Open mapping" }));
    expect(window.location.hash).toBe("#/connection/1/mapping");
  });

  it("deletes a connection from its row", async () => {
    const { user } = open("calm");
    await user.click(await screen.findByRole("button", { name: "More for Ostrel alerts" }));
    await user.click(screen.getByRole("menuitem", { name: "Delete…" }));
    await user.type(screen.getByRole("textbox", { name: /^Type/ }), "Ostrel alerts");
    await user.click(screen.getByRole("button", { name: "Delete connection" }));
    expect(await screen.findByText(/^Ostrel alerts is deleted\./)).toBeTruthy();
    expect(screen.queryByRole("link", { name: "Ostrel alerts" })).toBeNull();
    await user.click(screen.getByRole("button", { name: "Undo" }));
    expect(await screen.findByRole("link", { name: "Ostrel alerts" })).toBeTruthy();
  });

  it("renames a connection, and back", async () => {
    const { user } = open("calm");
    await user.click(await screen.findByRole("button", { name: "More for Ostrel alerts" }));
    await user.click(screen.getByRole("menuitem", { name: "Rename…" }));
    const name = screen.getByRole("textbox", { name: /^Name/ });
    expect(document.activeElement).toBe(name);
    await user.clear(name);
    await user.type(name, "Quillmark support");
    expect(screen.getByText("There is a connection of this name already.", { selector: ".field-problem" })).toBeTruthy();
    await user.type(name, " 2{Enter}");
    expect(await screen.findByRole("link", { name: "Quillmark support 2" })).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Undo" }));
    expect(await screen.findByRole("link", { name: "Ostrel alerts" })).toBeTruthy();
  });

  it("copies a connection under a name of its own, and opens the copy", async () => {
    const { app, user } = open("calm");
    await user.click(await screen.findByRole("button", { name: "More for Ostrel alerts" }));
    await user.click(screen.getByRole("menuitem", { name: "Duplicate…" }));
    expect(screen.getByRole("textbox", { name: /^Name/ })).toHaveProperty("value", "Ostrel alerts copy");
    await user.click(screen.getByRole("button", { name: "Duplicate" }));
    await waitFor(() => expect(window.location.hash).toMatch(/^#\/connection\/\d+\/setup$/));
    expect(app.calls.find((call) => call.name === "duplicate_connection")?.request).toEqual({ connection: 3, name: "Ostrel alerts copy" });
  });

  it("exports a connection, and says nothing where no file was chosen", async () => {
    const { app, user } = open("calm");
    const write = async () => {
      await user.click(await screen.findByRole("button", { name: "More for Ostrel alerts" }));
      await user.click(screen.getByRole("menuitem", { name: "Export…" }));
    };
    app.world.file = null;
    await write();
    expect(app.calls.find((call) => call.name === "export_configuration")?.request).toEqual({ connection: 3 });
    expect(screen.queryByText(/is written/)).toBeNull();
    app.world.file = "ostrel-alerts.toml";
    await write();
    expect(await screen.findByText(/^ostrel-alerts.toml is written, 5\sKB, without secrets\.$/)).toBeTruthy();
    app.world.failing = { export_configuration: { code: "store", message: "the disk is full", hint: null } };
    await write();
    expect((await screen.findByRole("alert")).textContent).toContain("The disk is full.");
  });

  it("asks before automatic sync writes what already waits", async () => {
    const { app, user } = open("calm");
    const waiting = app.world.connections.find((each) => each.id === 3);
    if (waiting) waiting.pending = 2;
    await user.click(await screen.findByRole("switch", { name: "Automatic sync of Ostrel alerts" }));
    expect(screen.getByRole("alertdialog").textContent).toContain("2 changes will be written at");
    await user.click(screen.getByRole("button", { name: "Preview first" }));
    await waitFor(() => expect(window.location.hash).toMatch(/^#\/plan\//));
    expect(app.calls.some((call) => call.name === "set_automatic")).toBe(false);
  });
});
