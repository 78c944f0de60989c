import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { open } from "../../test/window";

function at(run: number, show = "full") {
  window.location.hash = `#/run/${run}`;
  return open(show);
}

describe("Run detail", () => {
  it("lists the failed first and explains the first of them", async () => {
    at(2416);
    const options = within(await screen.findByRole("listbox", { name: "Tickets" })).getAllByRole("option");
    expect(options).toHaveLength(13);
    expect(options.slice(0, 3).map((option) => option.textContent.slice(0, 6))).toEqual(["Failed", "Failed", "Create"]);
    const detail = screen.getByRole("region", { name: "Remote site loses phone lines" });
    expect(within(detail).getByText("“Resolution is required.”")).toBeTruthy();
    expect(within(detail).getByText("Set Resolution for this pair, then run again.")).toBeTruthy();
    expect(within(detail).getByRole("heading", { name: "Changes that were planned" })).toBeTruthy();
  });

  it("reads changes as was and now, empty ones too", async () => {
    at(2416);
    const detail = await screen.findByRole("region", { name: "Remote site loses phone lines" });
    const row = within(detail).getByText("Due date").closest("li");
    expect(row?.textContent).toContain("was empty");
    expect(row?.textContent).toContain("now 14 May 2026");
  });

  it("moves with the arrows and with J and K", async () => {
    const { user } = at(2416);
    const list = await screen.findByRole("listbox", { name: "Tickets" });
    list.focus();
    await user.keyboard("{ArrowDown}");
    expect(screen.getByRole("heading", { name: "Badge photos missing in directory", level: 2 })).toBeTruthy();
    await user.keyboard("jj");
    expect(screen.getByRole("heading", { name: "New starter needs radio profile", level: 2 })).toBeTruthy();
    await user.keyboard("k{End}");
    expect(screen.getByRole("heading", { name: "Private ticket", level: 2 })).toBeTruthy();
  });

  it("filters by outcome", async () => {
    const { user } = at(2416);
    await user.click(await screen.findByRole("button", { name: "Closed 2" }));
    const chip = screen.getByRole("button", { name: "Closed 2" });
    expect(chip.getAttribute("aria-pressed")).toBe("true");
    expect(await within(await screen.findByRole("listbox", { name: "Tickets" })).findAllByText("Closed")).toHaveLength(2);
  });

  it("says that nothing had to be done", async () => {
    at(2415);
    expect(await screen.findByRole("heading", { name: "Nothing to do" })).toBeTruthy();
  });

  it("shows what stopped a whole run in the place of the list", async () => {
    at(2385);
    const card = await screen.findByRole("alert");
    expect(card.textContent).toContain("The run failed before the first ticket");
    expect(card.textContent).toContain("the API token is refused");
    expect(card.textContent).toContain("Make a new token");
  });

  it("says when there is no such run", async () => {
    at(77);
    expect((await screen.findByRole("alert")).textContent).toContain("There is no run 77.");
  });

  it("never takes a ticket's text for markup", async () => {
    window.location.hash = "#/run/2416";
    const { app } = open("full");
    const evil = '<img src=x onerror="alert(1)">';
    const detail = app.world.details.get(2416);
    const [first] = detail?.tickets.tickets ?? [];
    if (first) first.title = evil;
    expect(await screen.findByRole("heading", { name: evil, level: 2 })).toBeTruthy();
    expect(document.querySelector("img")).toBeNull();
  });
});
