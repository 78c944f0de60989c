// A list that chooses one thing: one Tab stop, arrows and page keys inside, J and K from anywhere on the screen.
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from "react";
import { useKeys } from "../lib/keys";
import "./split.css";

interface PickListProps<Item> {
  label: string;
  items: Item[];
  idOf: (item: Item) => string;
  chosen: string | null;
  choose: (id: string) => void;
  children: (item: Item) => ReactNode;
}

const PAGE = 10;

export function PickList<Item>({ label, items, idOf, chosen, choose, children }: PickListProps<Item>) {
  const prefix = useId();
  const list = useRef<HTMLUListElement>(null);
  const at = items.findIndex((item) => idOf(item) === chosen);
  const keys = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE, Home: -items.length, End: items.length };
    const by = steps[event.key];
    if (by === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const next = items[Math.max(0, Math.min(items.length - 1, at + by))];
    if (next !== undefined) choose(idOf(next));
  };
  useEffect(() => {
    if (at >= 0) list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [at]);
  return (
    <ul
      ref={list} role="listbox" aria-label={label} tabIndex={0} className="pick-list" onKeyDown={keys}
      aria-activedescendant={at < 0 ? undefined : `${prefix}${chosen ?? ""}`}
    >
      {items.map((item, place) => {
        const id = idOf(item);
        return (
          <li
            key={id} id={`${prefix}${id}`} role="option" className="pick" aria-selected={id === chosen} aria-posinset={place + 1}
            aria-setsize={items.length} onClick={() => choose(id)}
          >
            {children(item)}
          </li>
        );
      })}
    </ul>
  );
}

/** J and K walk through the things of a screen, over the borders of its lists. */
export function useWalk(ids: string[], chosen: string | null, choose: (id: string) => void): void {
  const step = (by: number) => {
    const next = ids[Math.max(0, Math.min(ids.length - 1, ids.indexOf(chosen ?? "") + by))];
    if (next !== undefined) choose(next);
  };
  useKeys([
    [{ key: "j" }, () => step(1)],
    [{ key: "k" }, () => step(-1)],
  ]);
}
