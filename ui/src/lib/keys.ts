// Keys that work on every screen (ux.md §6). `Ctrl` is `Cmd` on macOS.
import { useEffect, useRef } from "react";
import { lettersOn } from "./preferences";

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
  const shift = sign(chord.key) || event.shiftKey === (chord.shift ?? false);
  return key === chord.key && ctrl === (chord.ctrl ?? false) && shift && event.altKey === (chord.alt ?? false);
}

/** A sign tells itself; whether it takes Shift depends on the keyboard. */
function sign(key: string): boolean {
  return key.length === 1 && !/[a-z0-9 ]/.test(key);
}

/** One character alone: what Settings can switch off. */
function single(chord: Chord): boolean {
  return chord.key.length === 1 && chord.ctrl !== true && chord.alt !== true;
}

/** A dialog has the keys to itself. */
function covered(): boolean {
  return document.querySelector("dialog[open]") !== null;
}

/** Typing in a field is never a command. */
function typing(event: KeyboardEvent): boolean {
  return event.target instanceof HTMLElement && event.target.matches("input:not([type=checkbox], [type=radio]), select, textarea");
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
      if (found === undefined || (typing(event) && !commanding(found[0])) || covered()) return;
      if (single(found[0]) && !lettersOn()) return;
      event.preventDefault();
      found[1]();
    };
    window.addEventListener("keydown", hear);
    return () => window.removeEventListener("keydown", hear);
  }, []);
}
