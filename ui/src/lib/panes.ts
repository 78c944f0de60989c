// F6 and Shift F6 go round the panes of a screen (ux.md §6): elements with `data-pane`, each at `data-pane-start` or its first control.
import { useKeys } from "./keys";

const START = "[data-pane-start], [tabindex='0'], button, a[href], input, select";

export function usePanes(): void {
  useKeys([
    [{ key: "F6" }, () => step(1)],
    [{ key: "F6", shift: true }, () => step(-1)],
  ]);
}

function step(by: 1 | -1): void {
  const panes = [...document.querySelectorAll<HTMLElement>("[data-pane]")];
  const at = panes.findIndex((pane) => pane.contains(document.activeElement));
  const next = panes[at < 0 ? (by > 0 ? 0 : panes.length - 1) : (at + by + panes.length) % panes.length];
  next?.querySelector<HTMLElement>(START)?.focus();
}
