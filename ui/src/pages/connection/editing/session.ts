// A connection open in the editors, without React: its document and history, the draft that is kept, what the checker says.
// Input is never lost: an error is told beside the document, and the next edit tries to keep it again.
import type { ApiError } from "../../../api/generated/ApiError";
import type { Checked } from "../../../api/generated/Checked";
import type { ConnectionDoc } from "../../../api/generated/ConnectionDoc";
import type { EditorPicture } from "../../../api/generated/EditorPicture";
import type { FoundProblem } from "../../../api/generated/FoundProblem";
import { asApiError, type Transport } from "../../../api/transport";
import type { Tab } from "../../../lib/route";
import { changes, same } from "./changes";
import { begun, edited, type History, redone, settled, undone } from "./history";
import { lacking } from "./lacking";
import { inTurn, written } from "./writes";

export const KEEP_AFTER_MS = 800;
export const CHECK_AFTER_MS = 300;

export interface Editing {
  /** What the app answered last; null while it is being opened. */
  picture: EditorPicture | null;
  history: History<ConnectionDoc> | null;
  /** The version that the document was made from. */
  basedOn: number;
  /** Position of the ticket type that is shown. */
  at: number;
  checked: Checked | null;
  /** The document that `checked` speaks of. */
  checkedOf: ConnectionDoc | null;
  opening: ApiError | null;
  checking: ApiError | null;
  keeping: ApiError | null;
  saving: ApiError | null;
  /** Why it cannot be saved now, for something typed that the document cannot hold. */
  held: string | null;
  busy: boolean;
  /** What became of the last save or discard, for those who hear it. */
  told: string;
  /** A problem that another tab leads to. */
  sought: Sought | null;
}

export interface Sought {
  tab: Tab;
  problem: FoundProblem;
}

const CLOSED: Editing = {
  picture: null, history: null, basedOn: 0, at: 0, checked: null, checkedOf: null, opening: null, checking: null, keeping: null, saving: null, held: null, busy: false, told: "", sought: null,
};

/** The tab that is open: it says where the person is, and leads back there when a step is undone. */
export interface Stand {
  where: () => unknown;
  back: (view: unknown) => void;
}

interface Place {
  at: number;
  view: unknown;
}

export class Session {
  private state = CLOSED;
  private readonly hearers = new Set<() => void>();
  private keepTimer: ReturnType<typeof setTimeout> | null = null;
  private checkTimer: ReturnType<typeof setTimeout> | null = null;
  private checkTurn = 0;
  private openTurn = 0;
  private stood: Stand | null = null;

  constructor(private readonly transport: Transport, private readonly connection: number) {}

  readonly read = (): Editing => this.state;

  readonly subscribe = (hear: () => void): (() => void) => {
    this.hearers.add(hear);
    return () => void this.hearers.delete(hear);
  };

  readonly open = async (): Promise<void> => {
    const mine = ++this.openTurn;
    window.addEventListener("pagehide", this.flush);
    if (this.state.history !== null) return;
    this.set({ opening: null });
    try {
      await written(this.transport, this.connection);
      const picture = await this.transport.call("open_editor", { connection: this.connection });
      if (mine !== this.openTurn) return;
      const { draft } = picture;
      this.set({ picture, history: begun(draft?.document ?? picture.document), basedOn: draft?.based_on ?? picture.revision });
      void this.check();
    } catch (thrown) {
      if (mine === this.openTurn) this.set({ opening: asApiError(thrown) });
    }
  };

  /** Leaves the connection: what was typed last is kept at once. */
  readonly close = (): void => {
    this.openTurn += 1;
    window.removeEventListener("pagehide", this.flush);
    if (this.checkTimer !== null) clearTimeout(this.checkTimer);
    this.flush();
  };

  /** Answers with what ends the stand. */
  readonly stand = (stand: Stand): (() => void) => {
    this.stood = stand;
    return () => {
      if (this.stood === stand) this.stood = null;
    };
  };

  readonly show = (at: number): void => {
    if (at === this.state.at) return;
    this.settle();
    this.set({ at });
  };

  readonly seek = (sought: Sought | null): void => this.set({ sought });

  /** What is typed and does not fit keeps the rest from being saved as if all of it were. */
  readonly hold = (reason: string | null): void => {
    if (reason !== this.state.held) this.set({ held: reason });
  };

  readonly edit = (change: (document: ConnectionDoc) => ConnectionDoc, burst: string | null = null): void => {
    this.step((history) => edited(history, change(history.now), burst, this.place()));
  };

  readonly settle = (): void => {
    const { history } = this.state;
    if (history !== null && history.burst !== null) this.set({ history: settled(history) });
  };

  readonly undo = (): void => this.lead("past", undone);
  readonly redo = (): void => this.lead("future", redone);

  /** Back to the version in use, which somebody else may have saved meanwhile; undo leads back to the draft. */
  readonly discard = async (): Promise<void> => {
    const { picture } = this.state;
    if (picture === null) return;
    this.edit(() => picture.document);
    this.stopKeeping();
    this.set({ basedOn: picture.revision, saving: null });
    const { history: left } = this.state;
    try {
      const answer = await inTurn(this.transport, this.connection, () => this.transport.call("discard_draft", { connection: this.connection }));
      const { history, picture: now } = this.state;
      this.set({ picture: now === null ? answer : { ...now, draft: answer.draft }, keeping: null, told: "The saved version is back." });
      if (answer.revision === picture.revision || history === null || history.now !== left?.now) return;
      this.set({ picture: answer, basedOn: answer.revision, history: { ...history, now: answer.document } });
      void this.check();
    } catch (thrown) {
      this.set({ keeping: asApiError(thrown) });
    }
  };

  /** Puts the document into use; one with errors in it is kept as a draft. Answers whether it is in use. */
  readonly save = async (): Promise<boolean> => {
    const { history, busy } = this.state;
    if (history === null || busy || unsaved(this.state) === 0) return false;
    const reason = this.state.held ?? lacking(history.now);
    if (reason !== null) {
      this.set({ told: reason });
      return false;
    }
    this.stopKeeping();
    this.set({ busy: true, saving: null, told: "", history: settled(history) });
    if (errorsIn(this.state.checked) > 0) {
      const kept = await this.keep();
      this.set({ busy: false, told: kept ? "The draft is saved." : "" });
      return false;
    }
    try {
      const order = { connection: this.connection, document: history.now, based_on: this.state.basedOn };
      const saved = await inTurn(this.transport, this.connection, () => this.transport.call("save_document", order));
      this.set({
        picture: saved.picture, keeping: null, busy: false, ...(saved.live ? { basedOn: saved.picture.revision } : {}),
        told: saved.live ? "Saved. It takes effect at the next sync." : "Saved as a draft: an error stands in it.",
      });
      if (!saved.live) void this.check();
      return saved.live;
    } catch (thrown) {
      this.set({ saving: asApiError(thrown), busy: false });
      return false;
    }
  };

  /** Saves over a version that somebody else saved meanwhile. */
  readonly saveAnyway = async (): Promise<boolean> => {
    try {
      const now = await inTurn(this.transport, this.connection, () => this.transport.call("open_editor", { connection: this.connection }));
      this.set({ basedOn: now.revision });
    } catch (thrown) {
      this.set({ saving: asApiError(thrown) });
      return false;
    }
    return this.save();
  };

  /** Keeps the document as a draft now; answers whether it is kept. */
  readonly keep = async (): Promise<boolean> => {
    const { history } = this.state;
    this.stopKeeping();
    if (history === null) return false;
    const { connection } = this;
    const document = history.now;
    try {
      // What is in use is asked for when its turn comes: a save may stand before it.
      const kept = await inTurn(this.transport, connection, () => same(document, this.state.picture?.document)
        ? this.transport.call("discard_draft", { connection })
        : this.transport.call("save_draft", { connection, document, based_on: this.state.basedOn }));
      const { picture } = this.state;
      this.set({ picture: picture === null ? kept : { ...picture, draft: kept.draft }, keeping: null });
      return true;
    } catch (thrown) {
      this.set({ keeping: asApiError(thrown) });
      return false;
    }
  };

  readonly check = async (): Promise<void> => {
    const { history } = this.state;
    if (history === null) return;
    const mine = ++this.checkTurn;
    const document = history.now;
    try {
      const checked = await this.transport.call("check_document", { connection: this.connection, document });
      if (mine === this.checkTurn) this.set({ checked, checkedOf: document, checking: null });
    } catch (thrown) {
      if (mine === this.checkTurn) this.set({ checking: asApiError(thrown) });
    }
  };

  /** The window may go at once: what waits to be kept is sent now. */
  private readonly flush = (): void => {
    if (this.keepTimer !== null) void this.keep();
  };

  private place(): Place {
    return { at: this.state.at, view: this.stood?.where() };
  }

  private lead(from: "past" | "future", change: typeof undone): void {
    const step = this.state.history?.[from].at(-1);
    if (step === undefined) return;
    this.step((history) => change(history, this.place()));
    const { at, view } = step.place as Place;
    this.set({ at });
    this.stood?.back(view);
  }

  private step(change: (history: History<ConnectionDoc>) => History<ConnectionDoc>): void {
    const { history } = this.state;
    if (history === null) return;
    const next = change(history);
    if (next === history) return;
    this.set({ history: next, saving: null, told: "" });
    this.stopKeeping();
    this.keepTimer = setTimeout(() => void this.keep(), KEEP_AFTER_MS);
    if (this.checkTimer !== null) clearTimeout(this.checkTimer);
    this.checkTimer = setTimeout(() => void this.check(), CHECK_AFTER_MS);
  }

  private stopKeeping(): void {
    if (this.keepTimer !== null) clearTimeout(this.keepTimer);
    this.keepTimer = null;
  }

  private set(parts: Partial<Editing>): void {
    this.state = { ...this.state, ...parts };
    for (const hear of this.hearers) hear();
  }
}

/** How many changes are not in use yet. */
export function unsaved({ picture, history }: Pick<Editing, "picture" | "history">): number {
  return picture === null || history === null ? 0 : changes(picture.document, history.now);
}

export function errorsIn(checked: Checked | null): number {
  return (checked?.problems ?? []).filter((problem) => problem.level === "error").length;
}
