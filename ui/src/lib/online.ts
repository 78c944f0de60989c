// Whether the system has a network at all; what a platform answers is another question.
import { useSyncExternalStore } from "react";

/** When the network went; null where it is there, or went before the window opened. */
let wentMs: number | null = null;
window.addEventListener("offline", () => {
  wentMs = Date.now();
});
window.addEventListener("online", () => {
  wentMs = null;
});

export function offlineSince(): number | null {
  return wentMs;
}

function subscribe(changed: () => void): () => void {
  window.addEventListener("online", changed);
  window.addEventListener("offline", changed);
  return () => {
    window.removeEventListener("online", changed);
    window.removeEventListener("offline", changed);
  };
}

export function useOnline(): boolean {
  return useSyncExternalStore(subscribe, () => window.navigator.onLine);
}
