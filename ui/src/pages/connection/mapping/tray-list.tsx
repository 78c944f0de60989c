// The list of a tray: one Tab stop with an active field; above 200 fields only those in sight are drawn.
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, type RefObject, useEffect } from "react";
import type { Listed } from "./tray-item";

const VIRTUAL_ABOVE = 200;
const FIELD_HEIGHT = 38;

interface TrayListProps {
  list: RefObject<HTMLUListElement | null>;
  labelledBy: string;
  activeId: string | undefined;
  active: number;
  listed: Listed[];
  press: (event: KeyboardEvent) => void;
  item: (listed: Listed, index: number) => ReactNode;
}

export function TrayList(props: TrayListProps) {
  const { list, labelledBy, activeId, active, listed, press, item } = props;
  const virtual = listed.length > VIRTUAL_ABOVE;
  useEffect(() => {
    if (document.activeElement === list.current && activeId !== undefined) document.getElementById(activeId)?.scrollIntoView({ block: "nearest" });
  }, [activeId, list]);
  return (
    <ul ref={list} className="tray-list" role="listbox" tabIndex={0} aria-labelledby={labelledBy} aria-activedescendant={activeId} onKeyDown={press}>
      {virtual ? <InSight list={list} active={active} listed={listed} item={item} /> : listed.map(item)}
    </ul>
  );
}

function InSight({ list, active, listed, item }: Pick<TrayListProps, "list" | "active" | "listed" | "item">) {
  // eslint-disable-next-line react-hooks/incompatible-library -- what it answers with stays inside this component
  const virtual = useVirtualizer({ count: listed.length, getScrollElement: () => list.current, estimateSize: () => FIELD_HEIGHT, overscan: 8, initialRect: { width: 200, height: 600 } });
  useEffect(() => {
    if (document.activeElement === list.current) virtual.scrollToIndex(active);
  }, [active, list, virtual]);
  const rows = virtual.getVirtualItems();
  const [first, last] = [rows[0], rows.at(-1)];
  const end = virtual.getTotalSize() - (last?.end ?? 0);
  return (
    <>
      <li role="presentation" ref={(element) => element?.style.setProperty("height", `${first?.start ?? 0}px`)} />
      {rows.map((row) => {
        const each = listed[row.index];
        return each === undefined ? null : item(each, row.index);
      })}
      <li role="presentation" ref={(element) => element?.style.setProperty("height", `${Math.max(0, end)}px`)} />
    </>
  );
}
