// Moves the rows of a list: by the grip with the pointer, by Space, arrows and Enter, or by Alt and arrows (ux.md §10.7).
import { type KeyboardEvent, type PointerEvent, type RefObject, useEffect, useRef, useState } from "react";

interface Held {
  from: number;
  to: number;
  by: "keys" | "pointer";
}

interface ReorderOptions {
  list: RefObject<HTMLElement | null>;
  count: number;
  /** "Location", as it is announced. */
  name: (at: number) => string;
  /** "line". */
  what: string;
  move: (from: number, to: number) => void;
  remove?: (at: number) => void;
  rename?: (at: number) => void;
  /** Takes the focus when the last row goes. */
  whenEmpty?: () => void;
}

export interface Reorder {
  /** The rows in the order they are shown while one is held. */
  order: number[];
  held: Held | null;
  /** Told politely to screen readers. */
  said: string;
  /** Where the 2 px line stands: before this place. */
  line: number | null;
  grip: (at: number) => {
    "data-part": "grip";
    tabIndex: number;
    "aria-pressed": boolean;
    onKeyDown: (event: KeyboardEvent) => void;
    onPointerDown: (event: PointerEvent) => void;
    onPointerMove: (event: PointerEvent) => void;
    onPointerUp: () => void;
    onPointerCancel: () => void;
    onFocus: () => void;
    onBlur: () => void;
  };
  /** For the row: Alt with an arrow moves it wherever the focus is inside. */
  row: (at: number) => { "data-row": number; onKeyDown: (event: KeyboardEvent) => void };
  step: (at: number, by: -1 | 1) => void;
  /** Removes a row; the focus goes to the same part of the next one. */
  remove: (at: number, part: string) => void;
}

export function useReorder({ list, count, name, what, move, remove, rename, whenEmpty }: ReorderOptions): Reorder {
  const wanted = useRef<{ at: number; part: string } | null>(null);
  const [held, setHeld] = useState<Held | null>(null);
  const [said, setSaid] = useState("");
  const [stop, setStop] = useState(0);

  const order = Array.from({ length: count }, (_, at) => at);
  if (held?.by === "keys") order.splice(held.to, 0, ...order.splice(held.from, 1));
  const place = (at: number) => `${what} ${at + 1} of ${count}`;

  // After a move the focus stays on the same part of the row that moved.
  useEffect(() => {
    const want = wanted.current;
    if (want === null) return;
    wanted.current = null;
    if (want.at < 0) whenEmpty?.();
    else list.current?.querySelector<HTMLElement>(`[data-row="${want.at}"] [data-part="${want.part}"]`)?.focus();
  });
  const focus = (at: number, part: string) => {
    wanted.current = { at, part };
  };

  const step = (at: number, by: -1 | 1) => {
    const to = at + by;
    if (to < 0 || to >= count) return;
    const part = document.activeElement instanceof HTMLElement ? (document.activeElement.dataset["part"] ?? "grip") : "grip";
    setSaid(`${name(at)}, ${place(to)}`);
    focus(to, part);
    setStop(to);
    move(at, to);
  };
  const take = (at: number, part: string) => {
    if (remove === undefined) return;
    setSaid(`${name(at)} removed`);
    focus(Math.min(at, count - 2), part);
    remove(at);
  };
  const drop = (now: Held) => {
    setHeld(null);
    setStop(now.to);
    setSaid(`${name(now.from)} dropped, ${place(now.to)}`);
    focus(now.to, "grip");
    if (now.from !== now.to) move(now.from, now.to);
  };
  const putBack = (now: Held) => {
    setHeld(null);
    setSaid(`${name(now.from)} put back, ${place(now.from)}`);
    focus(now.from, "grip");
  };
  const carry = (now: Held, to: number) => {
    const at = Math.max(0, Math.min(count - 1, to));
    setHeld({ ...now, to: at });
    setSaid(`${name(now.from)}, ${place(at)}`);
    focus(now.from, "grip");
  };

  const heldKeys = (event: KeyboardEvent, now: Held) => {
    const jumps: Record<string, number> = { ArrowUp: now.to - 1, ArrowDown: now.to + 1, Home: 0, End: count - 1 };
    const to = jumps[event.key];
    if (to !== undefined && now.by === "keys") carry(now, to);
    else if (event.key === "Enter" || event.key === " ") drop(now);
    else if (event.key === "Escape") putBack(now);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const restKeys = (event: KeyboardEvent, at: number) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const jumps: Record<string, number> = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: count - 1 };
    const to = jumps[event.key];
    if (to !== undefined) {
      const next = Math.max(0, Math.min(count - 1, to));
      setStop(next);
      list.current?.querySelector<HTMLElement>(`[data-row="${next}"] [data-part="grip"]`)?.focus();
    } else if (event.key === " " || event.key === "Enter") {
      setHeld({ from: at, to: at, by: "keys" });
      setSaid(`${name(at)} picked up, ${place(at)}. Arrow keys move it, Enter drops it, Escape puts it back.`);
    } else if (event.key === "Delete" && remove !== undefined) {
      take(at, "grip");
    } else if (event.key === "F2" && rename !== undefined) {
      rename(at);
    } else {
      return;
    }
    event.preventDefault();
  };
  const slotOf = (y: number): number => {
    const rows = [...(list.current?.children ?? [])].filter((row) => row.hasAttribute("data-row"));
    return rows.filter((row) => {
      const box = row.getBoundingClientRect();
      return y > box.top + box.height / 2;
    }).length;
  };

  return {
    order, held, said, step, remove: take,
    line: held?.by === "pointer" && held.to !== held.from ? (held.to > held.from ? held.to + 1 : held.to) : null,
    grip: (at) => ({
      "data-part": "grip",
      tabIndex: at === Math.min(stop, count - 1) ? 0 : -1,
      "aria-pressed": held?.from === at,
      onKeyDown: (event) => (held === null ? restKeys(event, at) : heldKeys(event, held)),
      onPointerDown: (event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setHeld({ from: at, to: at, by: "pointer" });
      },
      onPointerMove: (event) => {
        if (held?.by !== "pointer") return;
        const slot = slotOf(event.clientY);
        const to = slot > held.from ? slot - 1 : slot;
        if (to !== held.to) setHeld({ ...held, to });
      },
      onPointerUp: () => {
        if (held?.by !== "pointer") return;
        if (held.from === held.to) setHeld(null);
        else drop(held);
      },
      onPointerCancel: () => setHeld(null),
      onFocus: () => setStop(at),
      onBlur: () => {
        if (held?.by === "keys" && wanted.current === null) setHeld(null);
      },
    }),
    row: (at) => ({
      "data-row": at,
      onKeyDown: (event) => {
        if (!event.altKey || held !== null || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
        event.preventDefault();
        event.stopPropagation();
        step(at, event.key === "ArrowUp" ? -1 : 1);
      },
    }),
  };
}
