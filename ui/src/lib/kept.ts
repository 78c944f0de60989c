// Choices that stay: small settings of a screen, kept on this computer as JSON.
import { useCallback, useState } from "react";

type Choices = Record<string, string>;

/** What is kept now, for what reads a choice that another part of the window makes. */
export function keptNow<T extends Choices>(name: string, start: T): T {
  return read(`lockstep.${name}`, start);
}

/** Keeps a choice for a part of the window that is not there yet. */
export function keepNow(name: string, next: Choices): void {
  window.localStorage.setItem(`lockstep.${name}`, JSON.stringify(next));
}

export function useKept<T extends Choices>(name: string, start: T): [T, (next: T) => void] {
  const key = `lockstep.${name}`;
  const [kept, setKept] = useState(() => read(key, start));
  const keep = useCallback(
    (next: T) => {
      window.localStorage.setItem(key, JSON.stringify(next));
      setKept(next);
    },
    [key],
  );
  return [kept, keep];
}

/** What was kept, as far as it still has the form of `start`. */
function read<T extends Choices>(key: string, start: T): T {
  let found: unknown;
  try {
    found = JSON.parse(window.localStorage.getItem(key) ?? "null");
  } catch {
    found = null;
  }
  if (typeof found !== "object" || found === null) return start;
  const known = Object.entries(found).filter(([name, value]) => name in start && typeof value === "string");
  return { ...start, ...Object.fromEntries(known) };
}
