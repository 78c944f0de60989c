import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { findings } from "../../test/axe";
import { open } from "../../test/window";

function at(show = "full", more = {}) {
  window.location.hash = "#/accounts";
  return open(show, more);
}

async function form(user: ReturnType<typeof open>["user"], platform: RegExp) {
  await user.click(await screen.findByRole("button", { name: "Add account" }));
  await user.click(screen.getByRole("button", { name: platform }));
}

describe("Accounts", () => {
  it("adds an account, cuts the path off and says so, then asks for the secret", async () => {
    const { app, user } = at();
    await form(user, /^ServiceNow/);
    await user.type(screen.getByRole("textbox", { name: /^Name/ }), "Holt");
    await user.type(screen.getByRole("textbox", { name: /^Address/ }), "https://holt.example/now/nav");
    expect(screen.getByText("Only https://holt.example is kept; “/now/nav” is cut off.")).toBeTruthy();
    await user.type(screen.getByRole("textbox", { name: /^User name/ }), "lockstep.sync");
    await user.click(screen.getByRole("button", { name: "Add account" }));
    expect(app.calls.find((call) => call.name === "add_account")?.request).toEqual({
      name: "Holt", platform: "servicenow", address: "https://holt.example", sign_in: { method: "basic", user: "lockstep.sync" }, dedicated: true, sandbox: false,
    });
    expect(await screen.findByRole("heading", { name: "Holt", level: 2 })).toBeTruthy();
    expect(screen.getByRole("button", { name: "Sign in" })).toBeTruthy();
  });

  it("names what is missing beside its field, focuses the first, and keeps the input when it is refused", async () => {
    const { user } = at();
    await form(user, /^Jira/);
    await user.click(screen.getByRole("button", { name: "Add account" }));
    const name = screen.getByRole("textbox", { name: /^Name/ });
    await waitFor(() => expect(document.activeElement).toBe(name));
    expect(document.getElementById(name.getAttribute("aria-describedby") ?? "")?.textContent).toBe("The name is required.");
    expect(screen.getByText("The e-mail the token belongs to is required.")).toBeTruthy();
    await user.type(name, "Corvane desk");
    await user.type(screen.getByRole("textbox", { name: /^Address/ }), "corvane.example");
    await user.type(screen.getByRole("textbox", { name: /^E-mail/ }), "me@corvane.example");
    await user.click(screen.getByRole("button", { name: "Add account" }));
    expect(await screen.findByText("There is an account called Corvane desk already.")).toBeTruthy();
    expect((name as HTMLInputElement).value).toBe("Corvane desk");
  });

  it("offers only the platform's own ways to sign in", async () => {
    const { user } = at();
    await form(user, /^ServiceNow/);
    const methods = within(screen.getByRole("combobox", { name: "Sign-in method" })).getAllByRole("option").map((option) => option.textContent);
    expect(methods).toEqual(["User and password", "OAuth, client credentials", "OAuth, user and password", "API key"]);
    await user.selectOptions(screen.getByRole("combobox", { name: "Sign-in method" }), "API key");
    expect(screen.queryByRole("textbox", { name: /^User name/ })).toBeNull();
  });

  it("sends a secret once and keeps nothing of it", async () => {
    const { app, user } = at();
    await user.click(await screen.findByRole("option", { name: /Fennick Retail/ }));
    const input = screen.getByLabelText<HTMLInputElement>(/^API token/);
    expect([input.type, input.autocomplete]).toEqual(["password", "off"]);
    app.world.failing = { sign_in: { code: "sign_in_needed", message: "Jira refuses the API token", hint: "Make a new token." } };
    await user.type(input, "hunter2");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByRole("heading", { name: "The sign-in was refused, nothing was kept" })).toBeTruthy();
    expect(input.value).toBe("");
    app.world.failing = {};
    await user.type(input, "hunter3");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByText("Fennick Retail is signed in as lockstep.sync.")).toBeTruthy();
    expect(app.calls.filter((call) => call.name === "sign_in").at(-1)?.request).toEqual({ account: "Fennick Retail", secret: "hunter3" });
    await screen.findByRole("button", { name: "Replace…" });
    expect(document.body.textContent).not.toContain("hunter");
    expect(JSON.stringify(Object.entries(window.localStorage))).not.toContain("hunter");
  });

  it("asks for both secrets of an OAuth user and sends them as one", async () => {
    const { app, user } = at();
    await user.click(await screen.findByRole("option", { name: /Ostrel Rail/ }));
    await user.click(screen.getByRole("button", { name: "Replace…" }));
    await user.type(screen.getByLabelText(/^Client secret/), "one");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(screen.getByText("Both are required.")).toBeTruthy();
    await user.type(screen.getByLabelText(/^Password/), "two");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    await waitFor(() => expect(app.calls.find((call) => call.name === "sign_in")?.request).toEqual({ account: "Ostrel Rail", secret: '{"client_secret":"one","password":"two"}' }));
  });

  it("tests line by line, with the remedy and a text for the admin", async () => {
    const { user } = at();
    await user.click(await screen.findByRole("option", { name: /Dunmarrow Water/ }));
    await user.click(screen.getByRole("button", { name: "Test" }));
    const lines = within(await screen.findByRole("list", { name: "Lines of the test" })).getAllByRole("listitem");
    expect(lines).toHaveLength(7);
    expect(await screen.findByRole("option", { name: /Dunmarrow Water ?1 line fails/ })).toBeTruthy();
    expect(lines[5]?.textContent).toContain("Files can be read: fails.");
    expect(lines[5]?.textContent).toContain("Cause 403: the user may not read attachments.Fix Allow this user on the Attachment API of incidents.");
    await user.click(screen.getByRole("button", { name: "Copy for your admin" }));
    expect(await navigator.clipboard.readText()).toBe("ServiceNow: https://dunmarrow.example, user lockstep.sync\nWhat fails: Files can be read\nAnswer: 403: the user may not read attachments.\nFix: Allow this user on the Attachment API of incidents.");
  });

  it("shows what the platform must allow, to copy", async () => {
    const { user } = at();
    const recipe = await screen.findByRole("region", { name: "What Lockstep needs in Jira" });
    await user.click(within(recipe).getByRole("button", { name: "Copy as text" }));
    expect(await navigator.clipboard.readText()).toContain("Browse projects");
  });

  it("removes only after the name is typed, and never what is used", async () => {
    const { app, user } = at();
    await user.click(await screen.findByRole("button", { name: "Remove account…" }));
    const used = screen.getByRole("dialog");
    expect(within(used).getAllByRole("listitem").map((item) => item.textContent)).toEqual(["Dunmarrow incidents", "Ostrel alerts", "Pellworth requests"]);
    await user.click(within(used).getByRole("button", { name: /^Remove account/ }));
    expect(app.calls.some((call) => call.name === "remove_account")).toBe(false);
    await user.keyboard("{Escape}");
    await user.click(screen.getByRole("option", { name: /Tarn Valley sandbox/ }));
    await user.click(screen.getByRole("button", { name: "Remove account…" }));
    await user.type(screen.getByRole("textbox", { name: /^Type/ }), "Tarn Valley sandbox");
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Remove account" }));
    expect(await screen.findByText(/Tarn Valley sandbox and its sign-in are removed/)).toBeTruthy();
    await waitFor(() => expect(screen.queryByRole("option", { name: /Tarn Valley/ })).toBeNull());
  });

  it("is empty with a way on, and shows an error in place", async () => {
    const { app, user } = at("practice", { failing: { list_accounts: { code: "store", message: "the store is busy", hint: null } } });
    expect(await screen.findByRole("heading", { name: "The accounts could not be read" })).toBeTruthy();
    app.world.failing = {};
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("heading", { name: "No accounts yet" })).toBeTruthy();
  });

  it("has nothing for axe to find, in the details and in the form", async () => {
    const { user } = at();
    await user.click(await screen.findByRole("option", { name: /Dunmarrow Water/ }));
    await user.click(screen.getByRole("button", { name: "Test" }));
    await screen.findByRole("list", { name: "Lines of the test" });
    expect(await findings()).toEqual([]);
    await form(user, /^ServiceNow/);
    await user.click(screen.getByRole("button", { name: "Add account" }));
    expect(await findings()).toEqual([]);
  });

  it("adds a sandbox with what few accounts need", async () => {
    const { app, user } = at();
    await form(user, /^ServiceNow/);
    await user.type(screen.getByRole("textbox", { name: /^Name/ }), "Holt test");
    await user.type(screen.getByRole("textbox", { name: /^Address/ }), "https://holt-test.example");
    await user.type(screen.getByRole("textbox", { name: /^User name/ }), "lockstep.sync");
    await user.selectOptions(screen.getByRole("combobox", { name: "Environment" }), "Sandbox");
    await user.click(screen.getByText("Advanced"));
    const settle = screen.getByRole("textbox", { name: "Seconds a write may stay unseen" });
    await user.type(settle, "soon");
    expect(screen.getByText("A whole number from 0 to 86,400, or nothing.")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Add account" }));
    expect(app.calls.some((call) => call.name === "add_account")).toBe(false);
    await user.clear(settle);
    await user.type(settle, "90");
    await user.type(screen.getByRole("textbox", { name: "Field that marks private tickets" }), "u_private");
    await user.click(screen.getByRole("button", { name: "Add account" }));
    await waitFor(() => expect(app.calls.find((call) => call.name === "add_account")?.request).toMatchObject({ sandbox: true, settle_seconds: 90, private_field: "u_private" }));
    expect(await screen.findByText("Sandbox", { selector: "dd" })).toBeTruthy();
    expect(screen.getByText("u_private")).toBeTruthy();
  });

  it("adds one by Ctrl Enter, and saves its form the same way", async () => {
    const { app, user } = at();
    await screen.findByRole("option", { name: /Dunmarrow Water/ });
    await user.keyboard("{Control>}{Enter}{/Control}");
    await user.click(await screen.findByRole("button", { name: /^Jira/ }));
    await user.type(screen.getByRole("textbox", { name: /^Name/ }), "Holt");
    await user.type(screen.getByRole("textbox", { name: /^Address/ }), "holt.example");
    await user.type(screen.getByRole("textbox", { name: /^E-mail/ }), "sync@holt.example");
    await user.keyboard("{Control>}{Enter}{/Control}");
    await waitFor(() => expect(app.calls.filter((call) => call.name === "add_account")).toHaveLength(1));
  });

  it("changes an account, and says when its secret is asked for again", async () => {
    const { app, user } = at();
    await user.click(await screen.findByRole("option", { name: /Dunmarrow Water/ }));
    await user.click(screen.getByRole("button", { name: "Change…" }));
    expect(screen.getByRole("heading", { name: "Change Dunmarrow Water" })).toBeTruthy();
    expect(screen.queryByRole("textbox", { name: /^Name/ })).toBeNull();
    const address = screen.getByRole("textbox", { name: /^Address/ });
    expect(address).toHaveProperty("value", "https://dunmarrow.example");
    expect(screen.queryByText(/the secret is asked for again/)).toBeNull();
    await user.clear(address);
    await user.type(address, "https://dunmarrow-new.example");
    expect(screen.getByText(/the secret is asked for again/)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Save account" }));
    await waitFor(() => expect(app.calls.find((call) => call.name === "update_account")?.request).toEqual({
      name: "Dunmarrow Water", platform: "servicenow", address: "https://dunmarrow-new.example", sign_in: { method: "basic", user: "lockstep.sync" }, dedicated: true, sandbox: false,
    }));
    expect(await screen.findByText("https://dunmarrow-new.example")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Sign in" })).toBeTruthy();
  });

  it("trusts a company's own authority by a file, and forgets it", async () => {
    const { user } = at();
    await user.click(await screen.findByRole("option", { name: /Dunmarrow Water/ }));
    await user.click(screen.getByRole("button", { name: "Choose file…" }));
    expect(await screen.findByText("Also /etc/ssl/company.pem")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Forget file" }));
    expect(await screen.findByText("Those the system trusts")).toBeTruthy();
  });

  it("asks nobody without a network, and says so", async () => {
    vi.spyOn(window.navigator, "onLine", "get").mockReturnValue(false);
    const { app, user } = at();
    await user.click(await screen.findByRole("option", { name: /Fennick Retail/ }));
    const button = screen.getByRole("button", { name: /^Sign in/ });
    expect(button.textContent).toContain("There is no network.");
    await user.type(screen.getByLabelText(/^API token/), "hunter2{Enter}");
    await user.click(screen.getByRole("button", { name: /^Test/ }));
    expect(app.calls.some((call) => call.name === "sign_in" || call.name === "test_account")).toBe(false);
    vi.restoreAllMocks();
  });

  it("takes no account while the keychain is locked", async () => {
    const { app, user } = at("full", { keychain: "locked" });
    await form(user, /^Jira/);
    const add = screen.getByRole("button", { name: /^Add account/ });
    await waitFor(() => expect(add.textContent).toContain("The keychain is locked"));
    await user.type(screen.getByRole("textbox", { name: /^Name/ }), "Holt{Enter}");
    expect(app.calls.some((call) => call.name === "add_account")).toBe(false);
    expect(screen.queryByText("The address is required.")).toBeNull();
  });
});
