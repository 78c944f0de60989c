// The rows of a long table: above two hundred only those in sight are drawn, between two rows that hold the place of the rest.
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";

const PLAIN_UP_TO = 200;
const BEYOND = 12;

interface VirtualRowsProps {
  count: number;
  /** The height of every row. */
  size: number;
  columns: number;
  draw: (at: number) => ReactNode;
  /** The row that keys stand on, brought into sight when it changes; none as long as no key was pressed. */
  at: number | null;
}

export function VirtualRows(props: VirtualRowsProps) {
  return props.count <= PLAIN_UP_TO ? <Plain {...props} /> : <Windowed {...props} />;
}

function Plain({ count, draw, at }: VirtualRowsProps) {
  const body = useRef<HTMLTableSectionElement>(null);
  useEffect(() => {
    if (at !== null) body.current?.rows[at]?.scrollIntoView({ block: "nearest" });
  }, [at]);
  return <tbody ref={body}>{Array.from({ length: count }, (_, place) => draw(place))}</tbody>;
}

function Windowed({ count, size, columns, draw, at }: VirtualRowsProps) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [place, setPlace] = useState<{ scroller: HTMLElement | null; margin: number }>({ scroller: null, margin: 0 });
  useLayoutEffect(() => {
    const scroller = body.current?.closest<HTMLElement>("[data-scrolls]") ?? null;
    if (body.current === null || scroller === null) return;
    const margin = body.current.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop;
    setPlace((had) => (had.scroller === scroller && Math.abs(had.margin - margin) < 1 ? had : { scroller, margin }));
  }, [count]);
  // eslint-disable-next-line react-hooks/incompatible-library -- what it gives is used here and passed to nobody
  const rows = useVirtualizer({ count, getScrollElement: () => place.scroller, estimateSize: () => size, overscan: BEYOND, scrollMargin: place.margin });
  const follow = useRef(rows);
  useEffect(() => {
    follow.current = rows;
  });
  useEffect(() => {
    if (at !== null) follow.current.scrollToIndex(at, { align: "auto" });
  }, [at]);
  const seen = rows.getVirtualItems();
  const [first, last] = [seen[0], seen.at(-1)];
  const before = first === undefined ? 0 : first.start - place.margin;
  const after = last === undefined ? rows.getTotalSize() : rows.getTotalSize() - (last.end - place.margin);
  return (
    <tbody ref={body}>
      <Rest height={before} columns={columns} />
      {seen.map((row) => draw(row.index))}
      <Rest height={after} columns={columns} />
    </tbody>
  );
}

/** The policy lets in no inline styles; a cell's own height attribute is none. */
function Rest({ height, columns }: { height: number; columns: number }) {
  return height > 0 ? <tr aria-hidden="true" className="rest"><td colSpan={columns} height={height} /></tr> : null;
}
