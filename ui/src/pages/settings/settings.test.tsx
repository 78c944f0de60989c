import { screen, waitFor, within } from "@testing-library/react";
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

  it("backs up into a file that a person chooses, and says nothing where none was", async () => {
    const { app, user } = at();
    const button = await screen.findByRole("button", { name: "Back up now" });
    app.world.file = null;
    await user.click(button);
    await waitFor(() => expect(app.calls.some((call) => call.name === "back_up")).toBe(true));
    expect(screen.queryByText(/is written/)).toBeNull();
    app.world.file = "x";
    await user.click(button);
    expect(await screen.findByText(/^lockstep-2026-05-12.backup is written, 74\sMB\.$/)).toBeTruthy();
    app.world.failing = { back_up: { code: "store", message: "the disk is full", hint: "Make room." } };
    await user.click(button);
    expect((await screen.findByRole("alert")).textContent).toContain("The disk is full.");
  });

  it("brings a deleted connection back", async () => {
    window.location.hash = "#/settings";
    const { app, user } = open("calm");
    await app.call("remove_connection", { connection: 3 });
    app.tell("changed", null);
    await user.click(await screen.findByRole("button", { name: "Bring Ostrel alerts back" }));
    expect(await screen.findByText("Ostrel alerts is back. Automatic sync of it is off.")).toBeTruthy();
    await waitFor(() => expect(screen.queryByRole("button", { name: "Bring Ostrel alerts back" })).toBeNull());
    expect(await screen.findByRole("link", { name: /^Ostrel alerts/ })).toBeTruthy();
  });

  it("exports everything, and opens the data folder", async () => {
    const { app, user } = at();
    await user.click(await screen.findByRole("button", { name: "Export…" }));
    await waitFor(() => expect(app.calls.find((call) => call.name === "export_configuration")?.request).toEqual({ connection: null }));
    expect(await screen.findByText(/^lockstep.toml is written/)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Open data folder" }));
    expect(app.calls.some((call) => call.name === "open_data_folder")).toBe(true);
  });

  it("shows what an import would change before it changes anything", async () => {
    const { app, user } = at();
    await user.click(await screen.findByRole("button", { name: "Import…" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Import lockstep.toml" }));
    expect(document.activeElement).toBe(dialog.getByRole("button", { name: "Cancel" }));
    expect(dialog.getByText("interval_seconds = 60").closest("p")?.className).toBe("import-in");
    expect(dialog.getByText("interval_seconds = 300", { selector: ".import-out" })).toBeTruthy();
    expect(dialog.getByText("Corvane: unchanged.")).toBeTruthy();
    expect(await findings()).toEqual([]);
    expect(app.calls.some((call) => call.name === "import_configuration")).toBe(false);
    await user.click(dialog.getByRole("button", { name: "Import 2 changes" }));
    expect(await screen.findByText("Imported: 1 connection added, 1 connection changed.")).toBeTruthy();
    expect(app.calls.find((call) => call.name === "import_configuration")?.request).toEqual({ accounts: {} });
  });

  it("asks which account stands for one nobody knows", async () => {
    const { app, user } = at();
    app.world.offer.strangers = ["Holt"];
    await user.click(await screen.findByRole("button", { name: "Import…" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Import lockstep.toml" }));
    await user.click(dialog.getByRole("button", { name: /^Compare/ }));
    expect(app.calls.some((call) => call.name === "compare_configuration")).toBe(false);
    await user.selectOptions(dialog.getByRole("combobox", { name: "Account for Holt" }), await dialog.findByRole("option", { name: /^Dunmarrow Water/ }));
    await user.click(dialog.getByRole("button", { name: "Compare" }));
    await user.click(await dialog.findByRole("button", { name: "Import 2 changes" }));
    await waitFor(() => expect(app.calls.find((call) => call.name === "import_configuration")?.request).toEqual({ accounts: { Holt: "Dunmarrow Water" } }));
  });

  it("names the problems of a file by line, and imports nothing of it", async () => {
    const { app, user } = at();
    app.world.offer.problems = [{ line: 4, column: 2, place: "connection \"Ring\"", message: "the target is missing", fix: "Write target." }];
    await user.click(await screen.findByRole("button", { name: "Import…" }));
    const dialog = within(await screen.findByRole("dialog"));
    expect(dialog.getByRole("list", { name: "Problems of the file" }).textContent).toContain("Line 4, column 2 connection \"Ring\"The target is missing. Write target.");
    await user.click(dialog.getByRole("button", { name: /^Import/ }));
    expect(app.calls.some((call) => call.name === "import_configuration")).toBe(false);
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("says why a file cannot be read, and opens nothing where none was chosen", async () => {
    const { app, user } = at();
    app.world.file = null;
    await user.click(await screen.findByRole("button", { name: "Import…" }));
    await waitFor(() => expect(app.calls.some((call) => call.name === "choose_configuration")).toBe(true));
    expect(screen.queryByRole("dialog")).toBeNull();
    app.world.failing = { choose_configuration: { code: "config", message: "the file is no text", hint: null } };
    await user.click(screen.getByRole("button", { name: "Import…" }));
    expect(within(await screen.findByRole("dialog", { name: "Import a configuration" })).getByText("The file is no text.")).toBeTruthy();
  });
});
