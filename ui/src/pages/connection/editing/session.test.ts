import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { emptyWorld, memory, type World } from "../../../api/memory";
import { buildEditor } from "../../../api/memory-build-data";
import { stillNow } from "../../../api/memory-data";
import { CHECK_AFTER_MS, KEEP_AFTER_MS, Session, unsaved } from "./session";
import { hold, sessionOf } from "./sessions";

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
    const { app, session, called, every } = await opened();
    every(60);
    await vi.advanceTimersByTimeAsync(KEEP_AFTER_MS);
    await session.discard();
    expect([unsaved(session.read()), called("discard_draft")]).toEqual([0, 1]);
    expect(app.world.editor.pictures.get(1)?.draft).toBeNull();
    session.undo();
    expect(unsaved(session.read())).toBe(1);
    await vi.advanceTimersByTimeAsync(KEEP_AFTER_MS);
    expect(app.world.editor.pictures.get(1)?.draft?.document.interval_seconds).toBe(60);
  });

  it("discards to the version that somebody else saved meanwhile, and saves on top of that", async () => {
    const { app, session, every } = await opened();
    every(60);
    const picture = app.world.editor.pictures.get(1);
    if (picture === undefined) throw new Error("no picture");
    Object.assign(picture, { revision: 9, document: { ...picture.document, interval_seconds: 900 } });
    await session.discard();
    expect([session.read().basedOn, session.read().history?.now.interval_seconds, unsaved(session.read())]).toEqual([9, 900, 0]);
    every(120);
    expect(await session.save()).toBe(true);
    expect(session.read().basedOn).toBe(10);
  });

  it("refuses to save over another version until it is told to", async () => {
    const { app, session, every } = await opened();
    const picture = app.world.editor.pictures.get(1);
    if (picture !== undefined) picture.revision = 9;
    every(60);
    expect(await session.save()).toBe(false);
    expect(session.read().saving?.code).toBe("changed_meanwhile");
    expect(await session.saveAnyway()).toBe(true);
    expect([session.read().saving, session.read().basedOn]).toEqual([null, 10]);
  });

  it("saves nothing where nothing is changed", async () => {
    const { session, called, every } = await opened();
    expect(await session.save()).toBe(false);
    every(60);
    session.undo();
    expect(await session.save()).toBe(false);
    expect(called("save_document")).toBe(0);
  });

  it("keeps a draft at once when the window goes", async () => {
    const { called, every, session } = await opened();
    every(60);
    window.dispatchEvent(new Event("pagehide"));
    await vi.advanceTimersByTimeAsync(0);
    expect(called("save_draft")).toBe(1);
    session.close();
    every(90);
    window.dispatchEvent(new Event("pagehide"));
    await vi.advanceTimersByTimeAsync(0);
    expect(called("save_draft")).toBe(1);
  });

  it("says which document was checked, and drops an answer that was overtaken", async () => {
    const { app, session, every } = await opened();
    const fresh = () => session.read().checkedOf === session.read().history?.now;
    expect(fresh()).toBe(true);
    const late: (() => void)[] = [];
    const real = app.call;
    app.call = (...call) => {
      const answer = real(...call);
      return call[0] === "check_document" ? new Promise((resolve) => late.push(() => resolve(answer))) : answer;
    };
    every(60);
    await vi.advanceTimersByTimeAsync(CHECK_AFTER_MS);
    session.settle();
    every(90);
    await vi.advanceTimersByTimeAsync(CHECK_AFTER_MS);
    expect([late.length, fresh()]).toEqual([2, false]);
    late[1]?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(fresh()).toBe(true);
    late[0]?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(fresh()).toBe(true);
  });

  it("leads back to where a step was made, whichever tab is open then", async () => {
    const { session, every } = await opened();
    const leave = session.stand({ where: () => "row 3", back: () => undefined });
    session.show(1);
    every(60);
    leave();
    session.show(0);
    const back: unknown[] = [];
    session.stand({ where: () => "row 5", back: (view) => back.push(view) });
    session.undo();
    expect([session.read().at, back]).toEqual([1, ["row 3"]]);
    session.redo();
    expect([session.read().at, back]).toEqual([0, ["row 3", "row 5"]]);
  });
});

describe("the session of a connection", () => {
  it("is one for all who hold it, and closes with the last", async () => {
    const { app } = await opened();
    const session = sessionOf(app, 2);
    expect(sessionOf(app, 2)).toBe(session);
    const [one, other] = [hold(app, 2, session), hold(app, 2, session)];
    await session.open();
    session.edit((document) => ({ ...document, interval_seconds: 60 }));
    one();
    expect(sessionOf(app, 2)).toBe(session);
    other();
    await vi.advanceTimersByTimeAsync(0);
    expect(app.world.editor.pictures.get(2)?.draft?.document.interval_seconds).toBe(60);
    expect(sessionOf(app, 2)).not.toBe(session);
  });
});
