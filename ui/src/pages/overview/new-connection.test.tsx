import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { findings } from "../../test/axe";
import { open } from "../../test/window";

describe("New connection", () => {
  it("is made over two accounts and opens its mapping", async () => {
    const { app, user } = open("full");
    await user.click(await screen.findByRole("button", { name: "New connection" }));
    const create = await screen.findByRole("button", { name: "Create connection" });
    await user.click(create);
    expect(screen.getByText("Write a name.")).toBeTruthy();
    expect(screen.getAllByText("Choose a ticket type.")).toHaveLength(2);
    expect(app.calls.some((call) => call.name === "add_connection")).toBe(false);
    await user.type(screen.getByLabelText(/^Name/), "Dunmarrow incidents");
    expect(screen.getByText("There is a connection of this name already.")).toBeTruthy();
    await user.clear(screen.getByLabelText(/^Name/));
    await user.type(screen.getByLabelText(/^Name/), "Corvane incidents");
    await user.selectOptions(await screen.findByRole("combobox", { name: "Source ticket type" }), "Incident");
    await user.selectOptions(screen.getByRole("combobox", { name: "Target ticket type" }), "CSD · Incident");
    expect(await findings()).toEqual([]);
    await user.click(create);
    await waitFor(() => expect(window.location.hash).toMatch(/^#\/connection\/\d+\/mapping$/));
    expect(app.calls.find((call) => call.name === "add_connection")?.request).toMatchObject({ name: "Corvane incidents", ticket_type: "Incident" });
  });

  it("asks for accounts first where there are none", async () => {
    const { user } = open("practice", { accounts: [] });
    await user.click(await screen.findByRole("button", { name: "New connection" }));
    await user.click(await screen.findByRole("button", { name: "Add accounts" }));
    expect(window.location.hash).toBe("#/accounts");
  });

  it("keeps what was typed when it is refused", async () => {
    const { user } = open("full", { failing: { add_connection: { code: "invalid", message: "both sides are the same place", hint: "Choose another account." } } });
    await user.click(await screen.findByRole("button", { name: "New connection" }));
    await user.type(await screen.findByLabelText(/^Name/), "Ring");
    await user.selectOptions(await screen.findByRole("combobox", { name: "Source ticket type" }), "Incident");
    await user.selectOptions(screen.getByRole("combobox", { name: "Target ticket type" }), "Incident");
    await user.click(screen.getByRole("button", { name: "Create connection" }));
    expect((await screen.findByRole("alert")).textContent).toContain("Choose another account.");
    expect(screen.getByLabelText<HTMLInputElement>(/^Name/).value).toBe("Ring");
  });
});

describe("without a connection", () => {
  it("leads from Welcome to accounts, and back to an empty Overview", async () => {
    const { user } = open("empty");
    await user.click(await screen.findByRole("button", { name: "Connect platforms" }));
    expect(await screen.findByRole("heading", { name: "Accounts", level: 1 })).toBeTruthy();
    await user.click(screen.getByRole("link", { name: /^Overview/ }));
    expect(await screen.findByText("No connections yet")).toBeTruthy();
    expect(screen.getAllByRole("button", { name: "New connection" }).length).toBeGreaterThan(0);
  });
});
