import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { PickMenu } from "./pick-menu";

const fruit = ["Apple", "Apricot", "Banana", "Cherry"].map((label) => ({ value: label.toLowerCase(), label }));

function shown(refused: string | null = null) {
  const chosen: string[] = [];
  const user = userEvent.setup();
  render(<><PickMenu label="Add fruit" options={fruit.slice(0, 2)} groups={[{ label: "Others", options: fruit.slice(2) }]} choose={(value) => chosen.push(value)} refused={refused} /><p>outside</p></>);
  const button = screen.getByRole("button", { name: /^Add fruit/ });
  const active = () => document.getElementById(screen.getByRole("listbox", { name: "Add fruit" }).getAttribute("aria-activedescendant") ?? "")?.textContent;
  return { chosen, user, button, active };
}

describe("a list under its button", () => {
  it("chooses with Enter alone: arrows and letters only walk", async () => {
    const { chosen, user, button, active } = shown();
    button.focus();
    await user.keyboard("{ArrowDown}");
    expect(button.getAttribute("aria-expanded")).toBe("true");
    expect(active()).toBe("Apple");
    await user.keyboard("{ArrowDown}{ArrowDown}");
    expect(active()).toBe("Banana");
    await user.keyboard("{End}{ArrowDown}{Home}apr");
    expect(active()).toBe("Apricot");
    expect(chosen).toEqual([]);
    await user.keyboard("{Enter}");
    expect(chosen).toEqual(["apricot"]);
    expect(screen.queryByRole("listbox")).toBeNull();
    expect(document.activeElement).toBe(button);
  });

  it("chooses by a click, also in a named group", async () => {
    const { chosen, user, button } = shown();
    await user.click(button);
    await user.click(within(screen.getByRole("group", { name: "Others" })).getByRole("option", { name: "Cherry" }));
    expect(chosen).toEqual(["cherry"]);
  });

  it("leaves with Esc, and with a click elsewhere, without a choice", async () => {
    const { chosen, user, button } = shown();
    await user.click(button);
    await user.keyboard("{ArrowDown}{Escape}");
    expect(screen.queryByRole("listbox")).toBeNull();
    expect(document.activeElement).toBe(button);
    await user.click(button);
    await user.click(screen.getByText("outside"));
    expect(screen.queryByRole("listbox")).toBeNull();
    expect(chosen).toEqual([]);
  });

  it("stays shut where it is refused", async () => {
    const { user, button } = shown("The fields are not read yet.");
    await user.click(button);
    button.focus();
    await user.keyboard("{ArrowDown}");
    expect(screen.queryByRole("listbox")).toBeNull();
  });
});
