import { act, screen, waitFor } from "@testing-library/react";
import { expect, it } from "vitest";
import { open } from "../test/window";

it("tells once that closing does not end the app, and asks what to do", async () => {
  const { app, user } = open("calm");
  await screen.findByRole("heading", { name: "Overview", level: 1 });
  act(() => app.tell("closing", null));
  const dialog = await screen.findByRole("dialog", { name: "Close the window" });
  expect(dialog.textContent).toContain("Lockstep keeps syncing in the background. Quit from the tray menu.");
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(app.calls.some((call) => call.name === "close_window")).toBe(false);

  act(() => app.tell("closing", null));
  await user.click(await screen.findByRole("button", { name: "Keep running" }));
  await waitFor(() => expect(app.calls).toContainEqual({ name: "close_window", request: { quit: false } }));
});

it("goes to a screen that the tray names, and to nothing else", async () => {
  window.location.hash = "#/overview";
  const { app } = open("calm");
  await screen.findByRole("heading", { name: "Overview", level: 1 });
  act(() => app.tell("go", "javascript:alert(1)"));
  expect(window.location.hash).toBe("#/overview");
  act(() => app.tell("go", "#/sync"));
  expect(window.location.hash).toBe("#/sync");
});
