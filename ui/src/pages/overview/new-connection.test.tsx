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
    expect(screen.getAllByText("Write a name.")).toHaveLength(2);
    expect(screen.getByText("Choose an issue type.")).toBeTruthy();
    expect(screen.getByText("Choose a table.")).toBeTruthy();
    expect(app.calls.some((call) => call.name === "add_connection")).toBe(false);
    await user.type(screen.getByLabelText(/^Name/), "Dunmarrow incidents");
    expect(screen.getByText("There is a connection of this name already.")).toBeTruthy();
    await user.clear(screen.getByLabelText(/^Name/));
    await user.type(screen.getByLabelText(/^Name/), "Corvane incidents");
    await user.selectOptions(await screen.findByRole("combobox", { name: "Source project" }), "CSD");
    await user.selectOptions(screen.getByRole("combobox", { name: "Source issue type" }), "Incident");
    expect(screen.getByText("Customers read tickets there.")).toBeTruthy();
    await user.selectOptions(await screen.findByRole("combobox", { name: "Target table" }), "Incident");
    expect(screen.getByRole("textbox", { name: /^Ticket type/ })).toHaveProperty("value", "Incident");
    expect(await findings()).toEqual([]);
    await user.click(create);
    await waitFor(() => expect(window.location.hash).toMatch(/^#\/connection\/\d+\/mapping$/));
    expect(app.calls.find((call) => call.name === "add_connection")?.request).toEqual({
      name: "Corvane incidents", ticket_type: "Incident",
      source: { account: "Corvane desk", scope: { container: "CSD", ticket_type: "10007" } }, target: { account: "Dunmarrow Water", scope: { container: "", ticket_type: "incident" } },
    });
  });

  it("opens by Ctrl Enter", async () => {
    const { user } = open("full");
    await screen.findByRole("link", { name: "Fennick stores" });
    await user.keyboard("{Control>}{Enter}{/Control}");
    expect(await screen.findByRole("dialog", { name: "New connection" })).toBeTruthy();
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
    await user.selectOptions(await screen.findByRole("combobox", { name: "Source project" }), "OPS");
    await user.selectOptions(screen.getByRole("combobox", { name: "Source issue type" }), "Incident");
    await user.selectOptions(await screen.findByRole("combobox", { name: "Target table" }), "Incident");
    await user.click(screen.getByRole("button", { name: "Create connection" }));
    expect((await screen.findByRole("alert")).textContent).toContain("Choose another account.");
    expect(screen.getByLabelText<HTMLInputElement>(/^Name/).value).toBe("Ring");
  });
});

describe("New connection where nothing can be listed", () => {
  it("takes the places by hand", async () => {
    const { app, user } = open("full", { failing: { list_scopes: { code: "forbidden", message: "the user may not list projects", hint: null } } });
    await user.click(await screen.findByRole("button", { name: "New connection" }));
    await user.type(await screen.findByLabelText(/^Name/), "Ring");
    await user.type(await screen.findByRole("textbox", { name: "Source project" }), "CSD");
    await user.type(screen.getByRole("textbox", { name: /^Source issue type/ }), "Incident");
    await user.type(screen.getByRole("textbox", { name: /^Target table/ }), "incident");
    await user.click(screen.getByRole("button", { name: "Create connection" }));
    await waitFor(() => expect(app.calls.find((call) => call.name === "add_connection")?.request).toMatchObject({
      ticket_type: "Incident", source: { scope: { container: "CSD", ticket_type: "Incident" } }, target: { scope: { container: "", ticket_type: "incident" } },
    }));
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
