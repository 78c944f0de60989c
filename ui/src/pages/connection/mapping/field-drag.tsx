// Dragging a field with the pointer: onto the rows, or onto a field of the other tray. The keyboard has Space, F6 and Enter.
import { type PointerEvent, type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import type { Side } from "../../../api/generated/Side";

/** Less is a click. */
const MOVED_PX = 5;

export interface DraggedField {
  side: Side;
  field: string;
  label: string;
}

export type DragStart = (event: PointerEvent, field: DraggedField) => void;
type Drop = (from: DraggedField, at: "rows" | { side: Side; field: string }) => void;

export function useFieldDrag(drop: Drop): { start: DragStart; ghost: ReactNode } {
  const [dragged, setDragged] = useState<DraggedField | null>(null);
  const ghost = useRef<HTMLDivElement>(null);
  const stop = useRef<(() => void) | null>(null);
  const latest = useRef(drop);
  useEffect(() => {
    latest.current = drop;
  });
  useEffect(() => () => stop.current?.(), []);

  const start: DragStart = useCallback((event, field) => {
    if (event.button !== 0 || event.pointerType === "touch") return;
    const from = { x: event.clientX, y: event.clientY };
    let moving = false;
    const move = (moved: globalThis.PointerEvent) => {
      if (!moving && Math.hypot(moved.clientX - from.x, moved.clientY - from.y) < MOVED_PX) return;
      if (!moving) setDragged(field);
      moving = true;
      ghost.current?.style.setProperty("transform", `translate(${moved.clientX + 10}px, ${moved.clientY + 6}px)`);
    };
    const end = () => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", up);
      window.removeEventListener("pointercancel", end);
      stop.current = null;
      setDragged(null);
    };
    const up = (released: globalThis.PointerEvent) => {
      end();
      if (!moving) return;
      const under = document.elementFromPoint(released.clientX, released.clientY);
      const onto = under?.closest<HTMLElement>("[data-field]");
      const side = onto?.dataset["side"];
      const name = onto?.dataset["field"];
      if (name !== undefined && (side === "source" || side === "target")) latest.current(field, { side, field: name });
      else if (under?.closest("[data-drop=rows]") != null) latest.current(field, "rows");
    };
    stop.current = end;
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", up);
    window.addEventListener("pointercancel", end);
  }, []);

  return { start, ghost: dragged === null ? null : <div ref={ghost} className="field-ghost" aria-hidden="true">{dragged.label}</div> };
}
