// What was, what is, what was undone: plain values that know neither the window nor the app.
import { same } from "./changes";

/** Most steps that can be undone. */
export const STEPS_MAX = 200;

/** A state that was left, and where the person was then. */
export interface Step<T> {
  value: T;
  place: unknown;
}

export interface History<T> {
  now: T;
  past: Step<T>[];
  future: Step<T>[];
  /** Edits that name the same burst become one step, as typing in one field does. */
  burst: string | null;
}

export function begun<T>(now: T): History<T> {
  return { now, past: [], future: [], burst: null };
}

/** The history after an edit; one that changes nothing is no step. */
export function edited<T>(history: History<T>, next: T, burst: string | null = null, place?: unknown): History<T> {
  if (same(history.now, next)) return history;
  const joins = burst !== null && burst === history.burst;
  const past = joins ? history.past : [...history.past, { value: history.now, place }].slice(-STEPS_MAX);
  return { now: next, past, future: [], burst };
}

/** The next edit begins a step of its own. */
export function settled<T>(history: History<T>): History<T> {
  return history.burst === null ? history : { ...history, burst: null };
}

export function undone<T>(history: History<T>, place?: unknown): History<T> {
  const last = history.past.at(-1);
  if (last === undefined) return history;
  return { now: last.value, past: history.past.slice(0, -1), future: [...history.future, { value: history.now, place }], burst: null };
}

export function redone<T>(history: History<T>, place?: unknown): History<T> {
  const next = history.future.at(-1);
  if (next === undefined) return history;
  return { now: next.value, past: [...history.past, { value: history.now, place }], future: history.future.slice(0, -1), burst: null };
}
