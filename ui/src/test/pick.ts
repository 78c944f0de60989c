// Chooses from a list that opens under its button.
import { screen, within } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";

export async function pick(user: UserEvent, button: HTMLElement, option: string | RegExp): Promise<void> {
  const name = button.getAttribute("aria-label") ?? button.textContent;
  await user.click(button);
  await user.click(within(screen.getByRole("listbox", { name })).getByRole("option", { name: option }));
}
