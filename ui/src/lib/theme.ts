// The theme: System (default), Light or Dark; kept on this computer, put on the root element for the style sheets.
import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";

export const THEMES: { theme: Theme; label: string }[] = [
  { theme: "system", label: "System" },
  { theme: "light", label: "Light" },
  { theme: "dark", label: "Dark" },
];

const KEY = "lockstep.theme";
const listeners = new Set<() => void>();

function dark(): MediaQueryList | null {
  return typeof window.matchMedia === "function" ? window.matchMedia("(prefers-color-scheme: dark)") : null;
}

export function theme(): Theme {
  const kept = window.localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : "system";
}

export function setTheme(next: Theme): void {
  if (next === "system") window.localStorage.removeItem(KEY);
  else window.localStorage.setItem(KEY, next);
  show();
  for (const listener of listeners) listener();
}

/** Puts the theme on the page; called before the first paint and on each change. */
export function show(): void {
  const chosen = theme();
  const shown = chosen === "system" ? (dark()?.matches === true ? "dark" : "light") : chosen;
  document.documentElement.dataset["theme"] = shown;
}

/** Follows the system while System is chosen. */
export function follow(): void {
  show();
  dark()?.addEventListener("change", show);
}

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, theme);
}
