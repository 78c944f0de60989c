// Keys that work on every screen (ux.md §6). `Ctrl` is `Cmd` on macOS.
import { useEffect, useRef } from "react";

export interface Chord {
  key: string;
  ctrl?: boolean;
  shift?: boolean;
  alt?: boolean;
}

const apple = /mac/i.test(window.navigator.userAgent);

export function pressed(event: KeyboardEvent, chord: Chord): boolean {
  const ctrl = apple ? event.metaKey : event.ctrlKey;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return key === chord.key && ctrl === (chord.ctrl ?? false) && event.shiftKey === (chord.shift ?? false) && event.altKey === (chord.alt ?? false);
}

/** Typing in a field is never a command. */
function typing(event: KeyboardEvent): boolean {
  return event.target instanceof HTMLElement && event.target.matches("input:not([type=checkbox]), select, textarea");
}

/** Chords that never type: with Ctrl or Alt, and the keys of the top row. */
function commanding(chord: Chord): boolean {
  return chord.ctrl === true || chord.alt === true || /^F\d+$/.test(chord.key);
}

/** Listens on the whole window; chords that could be typed rest while somebody types. */
export function useKeys(bindings: [Chord, () => void][]): void {
  const latest = useRef(bindings);
  useEffect(() => {
    latest.current = bindings;
  });
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      const found = latest.current.find(([chord]) => pressed(event, chord));
      if (found === undefined || (typing(event) && !commanding(found[0]))) return;
      event.preventDefault();
      found[1]();
    };
    window.addEventListener("keydown", hear);
    return () => window.removeEventListener("keydown", hear);
  }, []);
}
