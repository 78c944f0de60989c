// Long lists: only the lines in sight are drawn. Lines may differ in height; each is measured as it is drawn.
import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useCallback, useEffect, useLayoutEffect, useRef } from "react";
import "./virtual.css";

/** Lines drawn above and below what is in sight. */
const BEYOND = 8;

interface VirtualProps {
  /** What scrolls, once it is there; it stands around this list. */
  scroller: HTMLElement | null;
  count: number;
  /** How high a line is before it was measured. */
  size: (at: number) => number;
  keyOf: (at: number) => string | number;
  draw: (at: number) => ReactNode;
  /** The line that is looked at: always drawn, and brought into sight when it changes. */
  at: number;
}

export function Virtual({ scroller, count, size, keyOf, draw, at }: VirtualProps) {
  // eslint-disable-next-line react-hooks/incompatible-library -- what it gives is used here and passed to nobody
  const list = useVirtualizer({
    count,
    getScrollElement: () => scroller,
    estimateSize: size,
    getItemKey: keyOf,
    overscan: BEYOND,
    rangeExtractor: (range) => {
      const seen = defaultRangeExtractor(range);
      return at < 0 || at >= count || seen.includes(at) ? seen : [...seen, at].sort((one, other) => one - other);
    },
  });
  const follow = useRef(list);
  useEffect(() => {
    follow.current = list;
  });
  useEffect(() => {
    if (at >= 0) follow.current.scrollToIndex(at, { align: "auto" });
  }, [at]);
  const whole = list.getTotalSize();
  const frame = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (frame.current !== null) frame.current.style.height = `${whole}px`;
  }, [whole]);
  return (
    <div ref={frame} className="virtual" role="presentation">
      {list.getVirtualItems().map((item) => (
        <Placed key={item.key} at={item.index} start={item.start} measure={list.measureElement}>{draw(item.index)}</Placed>
      ))}
    </div>
  );
}

interface PlacedProps {
  at: number;
  start: number;
  measure: (element: Element | null) => void;
  children: ReactNode;
}

/** The policy lets in no inline styles, so the place is set on the element itself. */
function Placed({ at, start, measure, children }: PlacedProps) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (place.current !== null) place.current.style.transform = `translateY(${start}px)`;
  }, [start]);
  const both = useCallback(
    (element: HTMLDivElement | null) => {
      place.current = element;
      measure(element);
    },
    [measure],
  );
  return <div ref={both} className="virtual-line" data-index={at} role="presentation">{children}</div>;
}
