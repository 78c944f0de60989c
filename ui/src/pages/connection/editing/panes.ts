// Keys of an editor with panes: F6 goes from one to the next, Ctrl F to its search, F8 from problem to problem.
import { type RefObject, useState } from "react";
import type { FoundProblem } from "../../../api/generated/FoundProblem";
import { useKeys } from "../../../lib/keys";

const REACHABLE = ':is([data-enter], [tabindex="0"], input, button, select, textarea):not(:disabled, [tabindex="-1"])';

/** What Tab would reach first in a pane that is in sight. */
function entryOf(pane: Element | null | undefined): HTMLElement | null {
  if (pane == null || window.getComputedStyle(pane).display === "none") return null;
  return pane.querySelector<HTMLElement>(':is([data-enter], [role="listbox"][tabindex="0"])') ?? pane.querySelector<HTMLElement>(REACHABLE);
}

/** `search` opens what is put away and answers with the box to type in; without it Ctrl F is nobody's. */
export function usePanes(place: RefObject<HTMLElement | null>, panes: string[], search: (() => HTMLElement | null) | null): void {
  const go = (by: number) => {
    const all = panes.map((pane) => place.current?.querySelector(pane));
    const here = all.findIndex((pane) => pane?.contains(document.activeElement) === true);
    for (let away = 1; away <= all.length; away += 1) {
      const entry = entryOf(all[(here + by * away + 2 * all.length) % all.length]);
      if (entry === null) continue;
      entry.focus();
      return;
    }
  };
  useKeys([
    [{ key: "F6" }, () => go(1)],
    [{ key: "F6", shift: true }, () => go(-1)],
    ...(search === null ? [] : [[{ key: "f", ctrl: true }, () => search()?.focus()] as [{ key: string; ctrl: boolean }, () => void]]),
  ]);
}

/** F8 and Shift F8 through the problems of a screen. */
export function useProblemKeys(problems: FoundProblem[], find: (problem: FoundProblem) => void): void {
  const [current, setCurrent] = useState<number | null>(null);
  const step = (by: number) => {
    const count = problems.length;
    const next = ((current ?? (by > 0 ? -1 : 0)) + by + count) % Math.max(1, count);
    const problem = problems[next];
    if (problem === undefined) return;
    setCurrent(next);
    find(problem);
  };
  useKeys([
    [{ key: "F8" }, () => step(1)],
    [{ key: "F8", shift: true }, () => step(-1)],
  ]);
}
