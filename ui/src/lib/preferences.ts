// How the window looks and listens: text size, density, single-letter keys. Kept on this computer, put on the root element.
import { keptNow } from "./kept";

export const PREFERENCES = "preferences";
export const START = { text: "100", density: "comfortable", letters: "on" };
export type Preferences = typeof START;

export const TEXT_SIZES = ["100", "112", "125", "150"];

/** Below this many pixels of room the sidebar is a rail and panes move closer. */
const NARROW_BELOW = 1120;
/** Below this many they stand one above the other. */
const TIGHT_BELOW = 840;
const listeners = new Set<() => void>();

export function preferences(): Preferences {
  const kept = keptNow(PREFERENCES, START);
  return { ...kept, text: TEXT_SIZES.includes(kept.text) ? kept.text : START.text };
}

export function lettersOn(): boolean {
  return preferences().letters !== "off";
}

/** Larger text leaves less room, as a smaller window does. */
export function isNarrow(): boolean {
  return room() < NARROW_BELOW;
}

function room(): number {
  return (window.innerWidth * 100) / Number(preferences().text);
}

/** Puts the choices on the page; the style sheets do the rest. */
export function showPreferences(): void {
  const { text, density } = preferences();
  const root = document.documentElement;
  root.dataset["text"] = text;
  root.dataset["density"] = density;
  root.toggleAttribute("data-narrow", isNarrow());
  root.toggleAttribute("data-tight", room() < TIGHT_BELOW);
  for (const listener of listeners) listener();
}

/** Shows them before the first paint, and again when the window changes its size. */
export function followPreferences(): void {
  showPreferences();
  window.addEventListener("resize", showPreferences);
}

export function listenNarrow(changed: () => void): () => void {
  listeners.add(changed);
  return () => void listeners.delete(changed);
}
