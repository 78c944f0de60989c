// The right pane: the target's fields, and behind the second tab what the mapping does with a ticket.
import { type KeyboardEvent, type ReactNode, useId, useRef } from "react";
import type { SideView } from "../../../api/generated/SideView";
import { Icon } from "../../../components/icons";
import { Tile } from "../../../components/shapes";

export type RightTab = "fields" | "try";
const TABS: RightTab[] = ["fields", "try"];

interface RightPaneProps {
  view: SideView;
  tab: RightTab;
  choose: (tab: RightTab) => void;
  children: ReactNode;
}

export function RightPane({ view, tab, choose, children }: RightPaneProps) {
  const id = useId();
  const row = useRef<HTMLDivElement>(null);
  const press = (event: KeyboardEvent) => {
    const to = { ArrowRight: "try", ArrowDown: "try", End: "try", ArrowLeft: "fields", ArrowUp: "fields", Home: "fields" }[event.key] as RightTab | undefined;
    if (to === undefined) return;
    event.preventDefault();
    choose(to);
    row.current?.querySelectorAll<HTMLElement>("[role=tab]")[TABS.indexOf(to)]?.focus();
  };
  const tabOf = (of: RightTab, children: ReactNode) => (
    <button type="button" role="tab" id={`${id}-${of}`} aria-selected={tab === of} aria-controls={tab === of ? `${id}-panel` : undefined} tabIndex={tab === of ? undefined : -1} onClick={() => choose(of)}>{children}</button>
  );
  return (
    <>
      <div className="pane-tabs" role="tablist" aria-label={`${view.label} fields and trying`} ref={row} onKeyDown={press}>
        {tabOf("fields", <><span aria-hidden="true"><Tile side={view} role="target" small /></span><span className="cut">{view.label} fields</span></>)}
        {tabOf("try", <><Icon name="beaker" small /><span className="whole">Try on ticket…</span></>)}
      </div>
      <div className="pane-panel" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${tab}`}>{children}</div>
    </>
  );
}
