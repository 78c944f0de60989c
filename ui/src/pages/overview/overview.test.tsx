import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
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
    expect(await screen.findByText(/Waiting for rate limit until/)).toBeTruthy();
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
});
