// The rows in sight of a list of any length: one Tab stop, arrows and page keys, "row n of N" for screen readers.
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useRef } from "react";
import type { LinkView } from "../../api/generated/LinkView";
import { Icon } from "../../components/icons";
import { Moment, Tile } from "../../components/shapes";
import { moment } from "../../lib/format";
import { useKeys } from "../../lib/keys";
import { preferences } from "../../lib/preferences";
import { LINKED_BY, linkState } from "../../lib/words";
import { useLive, useNow } from "../../state/live";
import type { LinkPages } from "./pages";

/** As high as the style sheet draws a row. */
const ROW_PX = { comfortable: 34, compact: 28 };
/** The head of the columns covers this much of the top, and pushes the rows down by it. */
const HEAD_PX = 28;
const PAGE = 15;

interface GridProps {
  pages: LinkPages;
  total: number;
  at: number;
  setAt: (at: number) => void;
}

export function LinkGrid({ pages, total, at, setAt }: GridProps) {
  const box = useRef<HTMLDivElement>(null);
  const rowPx = preferences().density === "compact" ? ROW_PX.compact : ROW_PX.comfortable;
  // eslint-disable-next-line react-hooks/incompatible-library -- the rows are read anew with each render here
  const virtual = useVirtualizer({ count: total, getScrollElement: () => box.current, estimateSize: () => rowPx, overscan: 8, scrollPaddingEnd: HEAD_PX, useFlushSync: false });
  const rows = virtual.getVirtualItems();
  const [first, last] = [rows[0]?.index ?? 0, rows.at(-1)?.index ?? 0];
  const { need } = pages;
  useEffect(() => need(first, last), [need, first, last]);
  useEffect(() => {
    need(at, at);
    virtual.scrollToIndex(at);
  }, [need, virtual, at]);

  const move = (by: number) => setAt(Math.max(0, Math.min(total - 1, at + by)));
  const keys = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE, Home: -total, End: total };
    const by = steps[event.key];
    if (by === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    move(by);
  };
  useKeys([
    [{ key: "j" }, () => move(1)],
    [{ key: "k" }, () => move(-1)],
  ]);
  return (
    <div
      ref={box} className="links-grid" role="grid" aria-label="Links" aria-rowcount={total + 1} aria-colcount={6} tabIndex={0} onKeyDown={keys}
      aria-activedescendant={at >= first && at <= last && rows.length > 0 ? `link-row-${at}` : undefined}
    >
      <div role="row" aria-rowindex={1} className="links-row links-head">
        {["Source", "Target", "Connection", "Linked", "Last synced", "State"].map((name) => <span key={name} role="columnheader">{name}</span>)}
      </div>
      <div role="rowgroup" className="links-room" ref={(node) => node?.style.setProperty("height", `${virtual.getTotalSize()}px`)}>
        {rows.map((row) => <Row key={row.key} at={row.index} top={row.start} link={pages.row(row.index)} chosen={row.index === at} choose={() => setAt(row.index)} />)}
      </div>
    </div>
  );
}

interface RowProps {
  at: number;
  top: number;
  link: LinkView | undefined;
  chosen: boolean;
  choose: () => void;
}

function Row({ at, top, link, chosen, choose }: RowProps) {
  const now = useNow(60_000);
  const { connections } = useLive();
  const card = connections.data?.connections.find((one) => one.name === link?.connection);
  const mark = linkState(link?.state ?? "in_step");
  return (
    <div
      role="row" id={`link-row-${at}`} aria-rowindex={at + 2} aria-selected={chosen} className="links-row links-placed" onClick={choose}
      ref={(node) => node?.style.setProperty("transform", `translateY(${top}px)`)}
    >
      {link === undefined ? <span role="gridcell" aria-colspan={6} className="links-missing"><span className="hidden-text">Loading</span></span> : (
        <>
          <span role="gridcell" className="links-key">{card !== undefined && <Tile small side={card.source_side} role="source" />}<span className="whole">{link.source}</span><span className="cut second" title={link.source_title}>{link.source_title}</span></span>
          <span role="gridcell" className="links-key">{card !== undefined && <Tile small side={card.target_side} role="target" />}<span className="cut">{link.target}</span></span>
          <span role="gridcell" className="cut second">{link.connection}</span>
          <span role="gridcell" className="cut second">{LINKED_BY[link.linked_by].label} <Moment ms={link.linked_ms}>{moment(link.linked_ms, now)}</Moment></span>
          <span role="gridcell" className="cut second"><Moment ms={link.synced_ms}>{moment(link.synced_ms, now)}</Moment></span>
          <span role="gridcell" className={`links-state tone-${mark.tone}`}><Icon name={mark.icon} small />{mark.label}</span>
        </>
      )}
    </div>
  );
}
