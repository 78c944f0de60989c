import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { emptyWorld, memory, type World } from "../../../api/memory";
import { buildEditor } from "../../../api/memory-build-data";
import { stillNow } from "../../../api/memory-data";
import { CHECK_AFTER_MS, KEEP_AFTER_MS, Session, unsaved } from "./session";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function opened(more: Partial<World> = {}) {
  const app = memory({ ...emptyWorld(), editor: buildEditor(stillNow), ...more });
  const session = new Session(app, 1);
  await session.open();
  await vi.advanceTimersByTimeAsync(0);
  const called = (name: string) => app.calls.filter((call) => call.name === name).length;
  return { app, session, called, every: (seconds: number) => session.edit((document) => ({ ...document, interval_seconds: seconds }), "interval") };
}

describe("a session", () => {
  it("checks and keeps a burst of edits once", async () => {
    const { called, every } = await opened();
    [60, 61, 62].forEach(every);
    await vi.advanceTimersByTimeAsync(CHECK_AFTER_MS);
    expect(called("check_document")).toBe(2);
    await vi.advanceTimersByTimeAsync(KEEP_AFTER_MS);
    expect(called("save_draft")).toBe(1);
  });

  it("forgets the draft when everything is undone", async () => {
    const { app, session, called, every } = await opened();
    every(60);
    await vi.advanceTimersByTimeAsync(KEEP_AFTER_MS);
    session.undo();
    await vi.advanceTimersByTimeAsync(KEEP_AFTER_MS);
    expect(called("discard_draft")).toBe(1);
    expect(app.world.editor.pictures.get(1)?.draft).toBeNull();
  });

  it("keeps at once what was typed last when the editor is left, and the next one sees it", async () => {
    const { app, session, every } = await opened();
    every(60);
    session.close();
    const next = new Session(app, 1);
    await next.open();
    expect(next.read().history?.now.interval_seconds).toBe(60);
    expect(unsaved(next.read())).toBe(1);
  });

  it("tells when a draft cannot be kept, loses nothing, and tries again with the next edit", async () => {
    const { app, session, every } = await opened({ failing: { save_draft: { code: "store", message: "the disk is full", hint: null } } });
    every(60);
    await vi.advanceTimersByTimeAsync(KEEP_AFTER_MS);
    expect(session.read().keeping?.message).toBe("the disk is full");
    expect(session.read().history?.now.interval_seconds).toBe(60);
    app.world.failing = {};
    every(90);
    await vi.advanceTimersByTimeAsync(KEEP_AFTER_MS);
    expect(session.read().keeping).toBeNull();
  });

  it("counts from the saved version although an edit was kept right after it", async () => {
    const { session, every } = await opened();
    every(60);
    const saving = session.save();
    every(90);
    await saving;
    await vi.advanceTimersByTimeAsync(KEEP_AFTER_MS);
    expect(session.read().picture?.document.interval_seconds).toBe(60);
    expect([session.read().basedOn, unsaved(session.read())]).toEqual([8, 1]);
  });

  it("discards to the version in use, and undo brings the draft back", async () => {
    const { session, every } = await opened();
    every(60);
    session.discard();
    expect(unsaved(session.read())).toBe(0);
    session.undo();
    expect(unsaved(session.read())).toBe(1);
  });
});
