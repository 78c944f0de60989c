import { screen, waitFor, within } from "@testing-library/react";
import axe from "axe-core";
import { describe, expect, it } from "vitest";
import { run } from "../../api/memory-data";
import { open } from "../../test/window";

function at(hash: string) {
  window.location.hash = hash;
}

describe("a connection", () => {
  it("is opened from the sidebar, at the tab that was looked at last", async () => {
    const { user } = open("full");
    await user.click(await within(await screen.findByRole("list", { name: "Connections" })).findByRole("link", { name: /^Dunmarrow incidents/ }));
    expect(await screen.findByRole("heading", { name: "Dunmarrow incidents" })).toBeTruthy();
    expect(window.location.hash).toBe("#/connection/1/status");
    await user.click(screen.getByRole("link", { name: "Runs" }));
    expect(await screen.findByRole("grid", { name: "Runs of Dunmarrow incidents" })).toBeTruthy();
    await user.click(screen.getByRole("link", { name: "Overview" }));
    const list = screen.getByRole("list", { name: "Connections" });
    expect(within(list).getByRole("link", { name: /^Fennick stores/ }).getAttribute("href")).toBe("#/connection/2/runs");
  });

  it("changes tabs with Alt and a digit", async () => {
    at("#/connection/1/status");
    const { user } = open("full");
    await screen.findByRole("heading", { name: "Running" });
    await user.keyboard("{Alt>}6{/Alt}");
    expect(await screen.findByRole("link", { name: "Runs", current: "page" })).toBeTruthy();
    await user.keyboard("{Alt>}2{/Alt}");
    expect(await screen.findByRole("link", { name: "Setup", current: "page" })).toBeTruthy();
    await user.keyboard("{Alt>}3{/Alt}");
    expect(await screen.findByRole("link", { name: /^Mapping/, current: "page" })).toBeTruthy();
  });

  it("leads to Sync with Preview and Run sync", async () => {
    at("#/connection/4/status");
    const { user } = open("full");
    await user.click(await screen.findByRole("button", { name: "Preview" }));
    expect(window.location.hash).toBe("#/sync?connection=4");
  });

  it("that is gone says so", async () => {
    at("#/connection/99/status");
    open("full");
    expect(await screen.findByRole("heading", { name: "This connection is not there any more" })).toBeTruthy();
  });
});

describe("its status", () => {
  it("tells state, reason, next step, sides and what waits", async () => {
    at("#/connection/4/status");
    open("full");
    const card = await screen.findByRole("region", { name: "Needs a decision" });
    expect(within(card).getByText("2 fields were changed on both sides; the rest keeps syncing.")).toBeTruthy();
    expect(within(screen.getByRole("region", { name: "Sides" })).getByText(/Pellworth Hospitals/)).toBeTruthy();
    const work = screen.getByRole("region", { name: "Work" });
    expect(within(work).getByText("Conflicts").nextElementSibling?.textContent).toBe("4");
    expect(within(work).getByRole("link", { name: "Run 2,417" }).getAttribute("href")).toBe("#/run/2417");
  });

  it("switches automatic sync, and says what it lacks", async () => {
    at("#/connection/3/status");
    const { app, user } = open("full");
    await user.click(await screen.findByRole("switch", { name: "Automatic sync of Ostrel alerts" }));
    await waitFor(() => expect(app.calls.find((call) => call.name === "set_automatic")?.request).toEqual({ connection: 3, on: true }));
    expect(await screen.findByText("Automatic sync of Ostrel alerts is on.")).toBeTruthy();
    await user.click(screen.getByRole("link", { name: /^Tarn Valley desk/ }));
    expect(await screen.findByText("No run of this connection has finished yet.")).toBeTruthy();
    expect(screen.getByRole("switch", { name: "Automatic sync of Tarn Valley desk" }).getAttribute("aria-disabled")).toBe("true");
  });

  it.each(["status", "runs"])("axe finds nothing on %s", async (tab) => {
    at(`#/connection/1/${tab}`);
    open("full");
    await screen.findByRole("heading", { name: "Dunmarrow incidents" });
    if (tab === "runs") await screen.findByRole("grid");
    const found = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
    expect(found.violations.map((violation) => violation.id)).toEqual([]);
  }, 20_000);
});

describe("its runs", () => {
  it("are its own, and lead to each run", async () => {
    at("#/connection/2/runs");
    const { user } = open("full");
    const table = await screen.findByRole("grid", { name: "Runs of Fennick stores" });
    expect(within(table).getAllByRole("row")).toHaveLength(2);
    await user.click(within(table).getByRole("link", { name: "Run 2385" }));
    expect(window.location.hash).toBe("#/run/2385");
  });

  it("tell an interrupted one from one at work, filter, and show earlier ones", async () => {
    at("#/connection/1/runs");
    const many = Array.from({ length: 60 }, (_, place) => run({ id: 3000 - place, connection: "Dunmarrow incidents", result: place === 0 ? null : "success" }));
    const { user } = open("full", { runs: many });
    const grid = await screen.findByRole("grid", { name: "Runs of Dunmarrow incidents" });
    expect(await within(grid).findByText("Interrupted")).toBeTruthy();
    expect(within(grid).queryByRole("columnheader", { name: "Connection" })).toBeNull();
    expect(within(grid).getAllByRole("row")).toHaveLength(51);
    await user.click(screen.getByRole("button", { name: "Show earlier runs" }));
    expect(await within(grid).findByRole("link", { name: "Run 2941" })).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Show earlier runs" })).toBeNull();
    await user.selectOptions(screen.getByRole("combobox", { name: "Status of the history" }), "Failed");
    expect(await screen.findByText("No run ended as Failed in this period: last 7 days.")).toBeTruthy();
    expect(screen.queryByRole("combobox", { name: "Connection of the history" })).toBeNull();
  });

  it("are none before the first", async () => {
    at("#/connection/6/runs");
    open("full");
    expect(await screen.findByRole("heading", { name: "No runs yet" })).toBeTruthy();
  });
});
