import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { script } from "../../api/memory-data";
import { open } from "../../test/window";

describe("Welcome", () => {
  it("starts practice with the button that has the focus", async () => {
    const { app, user } = open("empty");
    const start = await screen.findByRole("button", { name: "Start practice" });
    expect(start).toHaveProperty("ownerDocument.activeElement", start);
    await user.keyboard("{Enter}");
    expect(await screen.findByRole("link", { name: /^Mapping/, current: "page" })).toBeTruthy();
    expect(screen.getByRole("complementary", { name: "Practice, step by step" })).toBeTruthy();
    expect(app.calls.filter((call) => call.name === "start_practice")).toHaveLength(1);
    expect(await screen.findByRole("link", { name: /^Incidents/ })).toBeTruthy();
  });

  it("says why practice did not start and offers to try again", async () => {
    const { app, user } = open("empty", { failing: { start_practice: { code: "invalid", message: "the port is taken", hint: "Close the other Lockstep." } } });
    await user.click(await screen.findByRole("button", { name: "Start practice" }));
    const card = await screen.findByRole("alert");
    expect(within(card).getByText("The port is taken.")).toBeTruthy();
    app.world.failing = {};
    await user.click(within(card).getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("link", { name: /^Mapping/, current: "page" })).toBeTruthy();
    expect(screen.getByRole("complementary", { name: "Practice, step by step" })).toBeTruthy();
  });

  it("without a keychain refuses practice with the reason", async () => {
    const { app, user } = open("absent");
    const start = await screen.findByRole("button", { name: /Start practice/ });
    expect(start.getAttribute("aria-disabled")).toBe("true");
    await user.click(start);
    expect(app.calls.some((call) => call.name === "start_practice")).toBe(false);
    expect(screen.getByRole("alert").textContent).toContain("no keychain");
  });
});

describe("Welcome, with a configuration file", () => {
  it("takes it over and goes on to its connections", async () => {
    const { app, user } = open("empty");
    await user.click(await screen.findByRole("button", { name: "Import a configuration file…" }));
    app.world.connections = script("practice").connections ?? [];
    await user.click(await screen.findByRole("button", { name: "Import 2 changes" }));
    expect(await screen.findByRole("navigation", { name: "Main" })).toBeTruthy();
    expect(app.calls.some((call) => call.name === "import_configuration")).toBe(true);
  });
});

describe("a locked keychain", () => {
  it("is a banner on its own screen, and unlocking goes on", async () => {
    const { app, user } = open("locked");
    expect(await screen.findByText("Keychain locked.")).toBeTruthy();
    app.world.trouble = null;
    await user.click(screen.getByRole("button", { name: "Unlock keychain" }));
    expect(await screen.findByRole("button", { name: "Start practice" })).toBeTruthy();
  });
});
