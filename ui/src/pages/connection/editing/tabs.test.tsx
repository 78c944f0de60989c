import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import type { ConnectionDoc } from "../../../api/generated/ConnectionDoc";
import { open } from "../../../test/window";

// A busy machine takes longer than the usual five seconds.
vi.setConfig({ testTimeout: 30_000 });

const row = (name: RegExp) => screen.findByRole("row", { name });
const tab = (name: RegExp) => within(screen.getByRole("navigation", { name: "Parts of this connection" })).getByRole("link", { name });

async function mapping() {
  window.location.hash = "#/connection/1/mapping";
  const opened = open("full");
  (await row(/^Short description/)).focus();
  return opened;
}

describe("the tabs of a connection", () => {
  it("show one document: what was edited in one stands in the next and on the way back, undo with it", async () => {
    const { app, user } = await mapping();
    await user.keyboard("d");
    expect(screen.getByText(/^4 unsaved changes/)).toBeTruthy();
    await user.click(tab(/^Description/));
    await screen.findByRole("list", { name: "Lines, in order" });
    expect(screen.getByText(/^4 unsaved changes/)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Remove Caller" }));
    expect(screen.getByText(/^5 unsaved changes/)).toBeTruthy();
    await user.click(tab(/^Mapping/));
    expect(await screen.findByRole("button", { name: /^Short description and Summary: Source to target/ })).toBeTruthy();
    // The draft is kept while one works, and again with the last edit.
    await waitFor(() => {
      const kept = (app.calls.findLast((call) => call.name === "save_draft")?.request as { document: ConnectionDoc } | undefined)?.document.type?.[0]?.field;
      expect([kept?.[0]?.direction, kept?.[1]?.rule.kind === "description" && kept[1].rule.line.length]).toEqual(["->", 5]);
    }, { timeout: 3000 });
    expect(app.calls.filter((call) => call.name === "open_editor")).toHaveLength(1);
    await user.click(screen.getByRole("button", { name: "Undo" }));
    await user.click(screen.getByRole("button", { name: "Undo" }));
    expect(screen.getByRole("button", { name: /^Short description and Summary: Bidirectional/ })).toBeTruthy();
  });

  it("show the ticket type that was chosen in another", async () => {
    const { user } = await mapping();
    await user.click(screen.getByRole("button", { name: "Task" }));
    await user.click(tab(/^Templates/));
    expect((await screen.findByRole("button", { name: "Task" })).getAttribute("aria-pressed")).toBe("true");
  });

  it("say how many errors stand on them, wherever one is", async () => {
    const { user } = await mapping();
    await waitFor(() => expect(tab(/^Mapping.*1 error/)).toBeTruthy());
    await user.click(tab(/^Status/));
    expect(tab(/^Mapping.*1 error/)).toBeTruthy();
    expect(tab(/^Setup$/)).toBeTruthy();
  });

  it("show what another wrote meanwhile once the connection was left", async () => {
    const { app, user } = await mapping();
    await user.click(screen.getByRole("link", { name: "Overview" }));
    const picture = app.world.editor.pictures.get(1);
    if (picture === undefined) throw new Error("no picture");
    Object.assign(picture, { draft: null, document: { ...picture.document, type: picture.document.type?.slice(1) } });
    window.location.hash = "#/connection/1/mapping";
    await screen.findByRole("treegrid", { name: "Field mappings, Task" });
    expect(screen.getByText(/^In use since/)).toBeTruthy();
    expect(user).toBeTruthy();
  });
});
