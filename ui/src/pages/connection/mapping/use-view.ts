// The person's place beside the document: an edit goes to the session, and the place follows it in the same breath.
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { OpenDocument } from "../editing/document";
import { typesOf } from "../editing/rows";
import type { Session } from "../editing/session";
import { edited } from "./edits";
import { type Action, type EditorState, fitted, followed, ledBack, reduced, started, viewOf } from "./reducer";

class Views {
  private held = started(0);
  private readonly hearers = new Set<() => void>();

  constructor(private readonly session: Session) {}

  readonly read = (): EditorState => this.held;

  readonly subscribe = (hear: () => void): (() => void) => {
    this.hearers.add(hear);
    return () => void this.hearers.delete(hear);
  };

  readonly stand = (): (() => void) => this.session.stand({ where: () => viewOf(this.now()), back: (view) => this.put(ledBack(this.now(), view)) });

  readonly dispatch = (action: Action): void => {
    if (action.type === "show_type") this.session.show(action.at);
    else if (action.type === "edit") this.edit(action);
    else this.put(reduced(this.now(), action));
  };

  private edit({ edit, merge, of }: Extract<Action, { type: "edit" }>): void {
    const { types, at } = this.shown();
    const place = of === undefined ? at : types.findIndex((type) => type.name === of);
    const before = types[place];
    if (before === undefined) return;
    const next = edited(before, edit);
    if (next === before) return;
    const state = this.now();
    this.session.edit((document) => ({ ...document, type: types.with(place, next) }), merge ?? null);
    this.session.show(place);
    this.put(place === at ? followed(state, edit, before) : started(place));
  }

  private shown() {
    const { history, at } = this.session.read();
    const types = history === null ? [] : typesOf(history.now);
    return { types, at: at in types ? at : 0 };
  }

  private now(): EditorState {
    const { types, at } = this.shown();
    return fitted(this.held, at, types[at]);
  }

  private put(next: EditorState): void {
    if (next === this.held) return;
    this.held = next;
    for (const hear of this.hearers) hear();
  }
}

export function useView({ session, types, at }: OpenDocument): [EditorState, (action: Action) => void] {
  const [views] = useState(() => new Views(session));
  const held = useSyncExternalStore(views.subscribe, views.read);
  useEffect(() => views.stand(), [views]);
  return [useMemo(() => fitted(held, at, types[at]), [held, at, types]), views.dispatch];
}
