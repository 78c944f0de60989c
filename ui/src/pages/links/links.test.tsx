import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { LinkView } from "../../api/generated/LinkView";
import { linkView } from "../../api/memory-tickets-data";
import { findings } from "../../test/axe";
import { open } from "../../test/window";

function at(show = "full", more = {}) {
  window.location.hash = "#/links";
  return open(show, more);
}

function many(count: number): LinkView[] {
  return Array.from({ length: count }, (_, at) => linkView({ id: at + 1, source: `INC${String(at).padStart(7, "0")}`, target: `CSD-${at}` }));
}

describe("Links", () => {
  it("draws only the rows in sight of 100,000, and says which of how many", async () => {
    const { app, user } = at("full", { links: many(100_000) });
    const grid = await screen.findByRole("grid", { name: "Links" });
    expect(grid.getAttribute("aria-rowcount")).toBe("100001");
    expect(within(grid).getAllByRole("row").length).toBeLessThan(60);
    grid.focus();
    await user.keyboard("{End}");
    expect(await screen.findByRole("heading", { name: "INC0099999 ⇄ CSD-99999" })).toBeTruthy();
    expect(within(grid).getByRole("row", { selected: true }).getAttribute("aria-rowindex")).toBe("100001");
    const offsets = app.calls.filter((call) => call.name === "list_links").map((call) => (call.request as { offset: number }).offset);
    expect(offsets).toContain(99_800);
    expect(offsets.length).toBeLessThan(8);
    await user.keyboard("{Home}{ArrowDown}");
    expect(screen.getByRole("heading", { name: "INC0000001 ⇄ CSD-1" })).toBeTruthy();
  });

  it("searches both keys and filters by state", async () => {
    const { user } = at();
    await screen.findByRole("grid", { name: "Links" });
    await user.type(screen.getByRole("searchbox", { name: "Search links" }), "csd-1187");
    expect(await screen.findByText("1 link, row 1")).toBeTruthy();
    await user.clear(screen.getByRole("searchbox", { name: "Search links" }));
    await user.selectOptions(screen.getByRole("combobox", { name: "State" }), "Not visible");
    expect(await screen.findByText(/Deleted or hidden from this account/)).toBeTruthy();
  });

  it("says that nothing fits, and shows all again", async () => {
    const { user } = at();
    await user.type(await screen.findByRole("searchbox", { name: "Search links" }), "nothing");
    expect(await screen.findByText("No key and no title contains “nothing” here.")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Show all" }));
    expect(await screen.findByText(/^1,150 links/)).toBeTruthy();
  });

  it("tells how the two came to be linked, when they were synced, and what is behind it", async () => {
    const { app } = at();
    await screen.findByRole("heading", { name: "INC0048213 ⇄ CSD-1187" });
    const detail = screen.getByRole("region", { name: "INC0048213 ⇄ CSD-1187" });
    expect(within(detail).getByText(/one was created as the copy of the other/)).toBeTruthy();
    expect(within(detail).getByText("Pump telemetry late at North weir")).toBeTruthy();
    const history = await within(detail).findByRole("region", { name: "History of the pair" });
    expect(within(history).getAllByRole("listitem").map((item) => item.textContent)).toEqual([expect.stringContaining("Updated Status: To Do → In Progress"), expect.stringContaining("Created")]);
    expect(within(history).getByRole("link", { name: "Run 2,417" }).getAttribute("href")).toBe("#/run/2417");
    const ledger = within(detail).getByRole("region", { name: /^Comments and files ?, 2 comments, 1 file/ });
    expect(within(ledger).getAllByRole("listitem").map((item) => item.textContent)).toEqual([
      "SnComment, public 8f2c41Copied to Jira 20014", "JiComment, internal 20010The rules keep it where it is.Not copied", "SnFile a91fCopied to Jira 10077",
    ]);
    expect(app.calls.find((call) => call.name === "link_detail")?.request).toEqual({ connection: 1, link: 1 });
  });

  it("leads from a conflict and from quarantine to the ticket there", async () => {
    const { user } = at();
    await user.selectOptions(await screen.findByRole("combobox", { name: "State" }), "Conflict");
    expect((await screen.findByRole("link", { name: "Open conflicts" })).getAttribute("href")).toMatch(/^#\/conflicts\?ticket=INC00/);
    await user.selectOptions(screen.getByRole("combobox", { name: "State" }), "Quarantined");
    expect((await screen.findByRole("link", { name: "Open quarantine" })).getAttribute("href")).toMatch(/^#\/quarantine\?ticket=INC00/);
  });

  it("keeps the link in sight when what is behind it cannot be read", async () => {
    const { app, user } = at("full", { failing: { link_detail: { code: "store", message: "the store is busy", hint: null } } });
    expect(await screen.findByRole("heading", { name: "What is behind the link could not be read" })).toBeTruthy();
    expect(screen.getByRole("heading", { name: "INC0048213 ⇄ CSD-1187" })).toBeTruthy();
    app.world.failing = {};
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("region", { name: "History of the pair" })).toBeTruthy();
  });

  it("unlinks after asking and reads the list anew", async () => {
    const { user } = at("full", { links: many(3) });
    await user.click(await screen.findByRole("button", { name: "Unlink…" }));
    await user.click(within(screen.getByRole("dialog", { name: "Unlink INC0000000 ⇄ CSD-0?" })).getByRole("button", { name: "Unlink" }));
    expect(await screen.findByText("INC0000000 ⇄ CSD-0 is not linked any more.")).toBeTruthy();
    expect(await screen.findByText("2 links, row 1")).toBeTruthy();
  });

  it("is empty with a reason, and shows an error in place", async () => {
    const { app, user } = at("calm", { failing: { list_links: { code: "store", message: "the store is busy", hint: null } } });
    expect(await screen.findByRole("heading", { name: "The links could not be read" })).toBeTruthy();
    app.world.failing = {};
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("The first run links matches.")).toBeTruthy();
  });

  it("explains the chosen link by key", async () => {
    const { user } = at();
    await screen.findByRole("heading", { name: /^INC0048213/ });
    await user.keyboard("e");
    await waitFor(() => expect(screen.getByText("It is in step with CSD-1187.")).toBeTruthy());
  });

  it("goes to the search with Ctrl F and round the panes with F6", async () => {
    const { user } = at();
    await screen.findByRole("heading", { name: /^INC0048213/ });
    await user.keyboard("{Control>}f{/Control}");
    expect(document.activeElement).toBe(screen.getByRole("searchbox", { name: "Search links" }));
    await user.keyboard("{F6}");
    expect(document.activeElement).toBe(screen.getByRole("grid", { name: "Links" }));
    await user.keyboard("{F6}");
    expect(document.activeElement?.textContent).toBe("INC0048213 ⇄ CSD-1187");
  });

  it("finds the ticket that an address names, whatever was filtered", async () => {
    window.localStorage.setItem("lockstep.links", JSON.stringify({ connection: "all", state: "not_visible" }));
    window.location.hash = "#/links?ticket=INC0048213";
    open("full");
    expect(await screen.findByText("1 link, row 1")).toBeTruthy();
  });

  it("opens the chosen link's tickets in the browser, the source by key", async () => {
    const { app, user } = at();
    await screen.findByRole("heading", { name: /^INC0048213/ });
    await user.keyboard("o");
    await user.click(await screen.findByRole("button", { name: "Open in Jira" }));
    const opened = app.calls.filter((call) => call.name === "open_ticket").map((call) => call.request);
    expect(opened).toEqual([{ connection: "Dunmarrow incidents", side: "source", key: "INC0048213" }, { connection: "Dunmarrow incidents", side: "target", key: "CSD-1187" }]);
  });

  it("has nothing for axe to find", async () => {
    at("full", { links: many(300) });
    await screen.findByRole("heading", { name: /^INC0000000/ });
    expect(await findings()).toEqual([]);
  });
});
