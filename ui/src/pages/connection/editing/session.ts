// A connection open in an editor, without React: its document and history, the draft that is kept, what the checker says.
// Input is never lost: an error is told beside the document, and the next edit tries to keep it again.
import type { ApiError } from "../../../api/generated/ApiError";
import type { Checked } from "../../../api/generated/Checked";
import type { ConnectionDoc } from "../../../api/generated/ConnectionDoc";
import type { EditorPicture } from "../../../api/generated/EditorPicture";
import { asApiError, type Transport } from "../../../api/transport";
import { changes, same } from "./changes";
import { begun, edited, type History, redone, settled, undone } from "./history";

export const KEEP_AFTER_MS = 800;
export const CHECK_AFTER_MS = 300;

export interface Editing {
  /** What the app answered last; null while it is being opened. */
  picture: EditorPicture | null;
  history: History<ConnectionDoc> | null;
  /** The version that the document was made from. */
  basedOn: number;
  checked: Checked | null;
  opening: ApiError | null;
  checking: ApiError | null;
  keeping: ApiError | null;
  saving: ApiError | null;
  busy: boolean;
  /** Counts the saves that put a document into use. */
  saves: number;
}

const CLOSED: Editing = {
  picture: null, history: null, basedOn: 0, checked: null, opening: null, checking: null, keeping: null, saving: null, busy: false, saves: 0,
};

/** Writes of a connection that are under way: whoever opens it next waits, so that no draft is missed. */
const writes = new WeakMap<Transport, Map<number, Promise<unknown>>>();

function writesOf(transport: Transport): Map<number, Promise<unknown>> {
  const found = writes.get(transport) ?? new Map<number, Promise<unknown>>();
  writes.set(transport, found);
  return found;
}

export class Session {
  private state = CLOSED;
  private readonly hearers = new Set<() => void>();
  private keepTimer: ReturnType<typeof setTimeout> | null = null;
  private checkTimer: ReturnType<typeof setTimeout> | null = null;
  private checkTurn = 0;
  private openTurn = 0;

  constructor(private readonly transport: Transport, private readonly connection: number) {}

  readonly read = (): Editing => this.state;

  readonly subscribe = (hear: () => void): (() => void) => {
    this.hearers.add(hear);
    return () => void this.hearers.delete(hear);
  };

  readonly open = async (): Promise<void> => {
    const mine = ++this.openTurn;
    if (this.state.history !== null) return;
    this.set({ opening: null });
    try {
      await this.written();
      const picture = await this.transport.call("open_editor", { connection: this.connection });
      if (mine !== this.openTurn) return;
      const { draft } = picture;
      this.set({ picture, history: begun(draft?.document ?? picture.document), basedOn: draft?.based_on ?? picture.revision });
      void this.check();
    } catch (thrown) {
      if (mine === this.openTurn) this.set({ opening: asApiError(thrown) });
    }
  };

  /** Leaves the editor: what was typed last is kept at once. */
  readonly close = (): void => {
    this.openTurn += 1;
    if (this.checkTimer !== null) clearTimeout(this.checkTimer);
    if (this.keepTimer !== null) void this.keep();
  };

  readonly edit = (change: (document: ConnectionDoc) => ConnectionDoc, burst: string | null = null): void => {
    this.step((history) => edited(history, change(history.now), burst));
  };

  readonly settle = (): void => {
    const { history } = this.state;
    if (history !== null && history.burst !== null) this.set({ history: settled(history) });
  };

  readonly undo = (): void => this.step(undone);
  readonly redo = (): void => this.step(redone);

  /** Back to the version in use; undo leads back to the draft. */
  readonly discard = (): void => {
    const { picture } = this.state;
    if (picture !== null) this.step((history) => edited(history, picture.document));
  };

  readonly save = async (): Promise<boolean> => {
    const { history, busy } = this.state;
    if (history === null || busy) return false;
    const document = history.now;
    this.stopKeeping();
    this.set({ busy: true, saving: null, history: settled(history) });
    try {
      const order = { connection: this.connection, document, based_on: this.state.basedOn };
      const saved = await this.write(() => this.transport.call("save_document", order));
      const live = saved.live ? { basedOn: saved.picture.revision, saves: this.state.saves + 1 } : {};
      this.set({ picture: saved.picture, keeping: null, busy: false, ...live });
      return saved.live;
    } catch (thrown) {
      this.set({ saving: asApiError(thrown), busy: false });
      return false;
    }
  };

  private step(change: (history: History<ConnectionDoc>) => History<ConnectionDoc>): void {
    const { history } = this.state;
    if (history === null) return;
    const next = change(history);
    if (next === history) return;
    this.set({ history: next, saving: null });
    this.stopKeeping();
    this.keepTimer = setTimeout(() => void this.keep(), KEEP_AFTER_MS);
    if (this.checkTimer !== null) clearTimeout(this.checkTimer);
    this.checkTimer = setTimeout(() => void this.check(), CHECK_AFTER_MS);
  }

  private stopKeeping(): void {
    if (this.keepTimer !== null) clearTimeout(this.keepTimer);
    this.keepTimer = null;
  }

  private async keep(): Promise<void> {
    const { history } = this.state;
    this.stopKeeping();
    if (history === null) return;
    const { connection } = this;
    const document = history.now;
    try {
      // What is in use is asked for when its turn comes: a save may stand before it.
      const kept = await this.write(() => same(document, this.state.picture?.document)
        ? this.transport.call("discard_draft", { connection })
        : this.transport.call("save_draft", { connection, document }));
      const { picture } = this.state;
      this.set({ picture: picture === null ? kept : { ...picture, draft: kept.draft }, keeping: null });
    } catch (thrown) {
      this.set({ keeping: asApiError(thrown) });
    }
  }

  private async check(): Promise<void> {
    const { history } = this.state;
    if (history === null) return;
    const mine = ++this.checkTurn;
    try {
      const checked = await this.transport.call("check_document", { connection: this.connection, document: history.now });
      if (mine === this.checkTurn) this.set({ checked, checking: null });
    } catch (thrown) {
      if (mine === this.checkTurn) this.set({ checking: asApiError(thrown) });
    }
  }

  private async written(): Promise<void> {
    await writesOf(this.transport).get(this.connection)?.catch(() => undefined);
  }

  /** One write after the other. */
  private write<T>(act: () => Promise<T>): Promise<T> {
    const underWay = writesOf(this.transport);
    const mine = (underWay.get(this.connection) ?? Promise.resolve()).catch(() => undefined).then(act);
    underWay.set(this.connection, mine);
    return mine;
  }

  private set(parts: Partial<Editing>): void {
    this.state = { ...this.state, ...parts };
    for (const hear of this.hearers) hear();
  }
}

/** How many changes are not in use yet. */
export function unsaved(editing: Editing): number {
  return editing.picture === null || editing.history === null ? 0 : changes(editing.picture.document, editing.history.now);
}
