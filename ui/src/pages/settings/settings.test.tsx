import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { findings } from "../../test/axe";
import { open } from "../../test/window";

function at() {
  window.location.hash = "#/settings";
  return open("calm");
}

const root = () => document.documentElement;

describe("Settings", () => {
  it("changes the theme, and takes it back", async () => {
    const { user } = at();
    await user.selectOptions(await screen.findByRole("combobox", { name: "Theme" }), "Dark");
    expect(root().dataset["theme"]).toBe("dark");
    await user.click(screen.getByRole("button", { name: "Undo" }));
    expect(window.localStorage.getItem("lockstep.theme")).toBeNull();
  });

  it("scales the window, and takes less room for granted then", async () => {
    const { user } = at();
    await user.selectOptions(await screen.findByRole("combobox", { name: "Text size" }), "150 %");
    expect(root().dataset["text"]).toBe("150");
    expect(root().hasAttribute("data-narrow")).toBe(true);
    expect(window.localStorage.getItem("lockstep.preferences")).toContain('"text":"150"');
    await user.click(screen.getByRole("button", { name: "Undo" }));
    expect(root().dataset["text"]).toBe("100");
    expect(root().hasAttribute("data-narrow")).toBe(false);
  });

  it("makes rows lower", async () => {
    const { user } = at();
    await user.selectOptions(await screen.findByRole("combobox", { name: "Density" }), "Compact");
    expect(root().dataset["density"]).toBe("compact");
  });

  it("switches single-letter keys off", async () => {
    const { user } = at();
    await user.click(await screen.findByRole("switch", { name: "Single-letter keys" }));
    await user.keyboard("?");
    expect(screen.queryByRole("dialog")).toBeNull();
    await user.click(screen.getByRole("switch", { name: "Single-letter keys" }));
    await user.keyboard("?");
    expect(screen.getByRole("dialog", { name: "Keys of this screen" })).toBeTruthy();
  });

  it("tells the version", async () => {
    at();
    expect(await screen.findByText("Version 0.1.0")).toBeTruthy();
  });

  it("has nothing for axe to find", async () => {
    at();
    await screen.findByRole("combobox", { name: "Theme" });
    expect(await findings()).toEqual([]);
  });

  it("pauses everything, and takes it back", async () => {
    const { app, user } = at();
    const pause = await screen.findByRole("switch", { name: "Pause all" });
    await user.click(pause);
    await waitFor(() => expect(app.world.settings.settings.paused).toBe(true));
    expect(screen.getByText("All connections are paused.")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Undo" }));
    await waitFor(() => expect(app.world.settings.settings.paused).toBe(false));
  });

  it("keeps runs as long as asked, and is quiet at night", async () => {
    const { app, user } = at();
    await user.selectOptions(await screen.findByRole("combobox", { name: "Keep runs" }), "Forever");
    await waitFor(() => expect(app.world.settings.settings.keep_days).toBeNull());
    await user.selectOptions(screen.getByRole("combobox", { name: "Quiet from" }), "22:00");
    await waitFor(() => expect(app.world.settings.settings.notify.quiet_from_hour).toBe(22));
  });

  it("says why the system refuses to open it at login", async () => {
    window.location.hash = "#/settings";
    const { user } = open("calm", { failing: { open_at_login: { code: "forbidden", message: "the system refuses", hint: "Look at its settings." } } });
    await user.click(await screen.findByRole("switch", { name: "Open at login" }));
    expect((await screen.findByRole("alert")).textContent).toContain("Look at its settings.");
    expect(screen.getByRole("switch", { name: "Open at login" }).getAttribute("aria-checked")).toBe("false");
  });
});
