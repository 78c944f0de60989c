// The sidebar: mark, screens, connections with the glyph of their state. In a narrow window it is a rail.
import type { ConnectionCard } from "../api/generated/ConnectionCard";
import { Icon, type IconName, Mark } from "../components/icons";
import { count, countInFull } from "../lib/format";
import { keptNow } from "../lib/kept";
import { type Route, type Tab, TABS, write } from "../lib/route";
import { useLive, useNow } from "../state/live";
import { useShownState } from "../state/shown";

interface SidebarProps {
  route: Route;
  rail: boolean;
  toggle: () => void;
  find: () => void;
}

export function Sidebar({ route, rail, toggle, find }: SidebarProps) {
  const { connections, runs } = useLive();
  const atWork = runs.filter((run) => run.result === null);
  const cards = connections.data?.connections ?? [];
  const conflicts = cards.reduce((sum, card) => sum + card.conflicts, 0);
  const quarantined = cards.reduce((sum, card) => sum + card.quarantined, 0);
  const tab = route.page === "connection" ? route.tab : lastTab();
  return (
    <nav className="side" aria-label="Main">
      <div className="side-brand"><Mark /><span className="side-text">Lockstep</span></div>
      <button type="button" className="side-find" onClick={find} title="Go to… (Ctrl K)" aria-keyshortcuts="Control+K">
        <Icon name="search" /><span className="side-text cut">Go to…</span><kbd className="side-text" aria-hidden="true">Ctrl K</kbd>
      </button>
      <ul className="side-list">
        <Item to={{ page: "overview" }} icon="overview" label="Overview" here={route.page === "overview"} keys="Ctrl 1" />
        <Item
          to={{ page: "sync", connection: null }} icon="sync" label="Sync" keys="Ctrl 2"
          here={route.page === "run" || route.page === "plan" || (route.page === "sync" && route.connection === null)}
          badge={{ value: atWork.length, words: "at work", tone: "accent" }}
        />
        <Item
          to={{ page: "conflicts" }} icon="fork" label="Conflicts" keys="Ctrl 3" here={route.page === "conflicts"}
          badge={{ value: conflicts, words: "open", tone: "ask" }}
        />
        <Item
          to={{ page: "quarantine" }} icon="archive" label="Quarantine" keys="Ctrl 4" here={route.page === "quarantine"}
          badge={{ value: quarantined, words: quarantined === 1 ? "ticket" : "tickets", tone: "bad" }}
        />
        <Item to={{ page: "links" }} icon="link" label="Links" here={route.page === "links"} keys="Ctrl 5" />
      </ul>
      <h2 className="side-head" id="side-connections"><span className="side-text">Connections</span></h2>
      <ul className="side-list side-scroll" aria-labelledby="side-connections">
        {connections.data?.connections.map((connection) => (
          <ConnectionItem
            key={connection.id} connection={connection}
            here={(route.page === "sync" || route.page === "connection") && route.connection === connection.id} tab={tab}
          />
        ))}
      </ul>
      <div className="side-foot">
        <ul className="side-list">
          <Item to={{ page: "accounts" }} icon="account" label="Accounts" here={route.page === "accounts"} />
          <Item to={{ page: "settings" }} icon="settings" label="Settings" here={route.page === "settings"} keys="Ctrl ," />
        </ul>
        <button type="button" className="side-item" onClick={toggle} aria-expanded={!rail} title={rail ? "Show sidebar (Ctrl B)" : "Ctrl B"}>
          <Icon name="sidebar" /><span className="side-text">{rail ? "Show sidebar" : "Hide sidebar"}</span>
        </button>
      </div>
    </nav>
  );
}

interface ItemProps {
  to: Route;
  icon: IconName;
  label: string;
  here: boolean;
  keys?: string;
  badge?: { value: number; words: string; tone: "accent" | "ask" | "bad" };
}

function Item({ to, icon, label, here, keys, badge }: ItemProps) {
  return (
    <li>
      <a className="side-item" href={write(to)} aria-current={here ? "page" : undefined} title={keys === undefined ? label : `${label} (${keys})`}>
        <Icon name={icon} />
        <span className="side-text cut">{label}</span>
        {badge !== undefined && badge.value > 0 && (
          <span className={`side-count side-count-${badge.tone}`} title={`${countInFull(badge.value)} ${badge.words}`}>
            {count(badge.value)}<span className="hidden-text"> {badge.words}</span>
          </span>
        )}
      </a>
    </li>
  );
}

/** The tab somebody looked at last, of whichever connection. */
function lastTab(): Tab {
  const kept = keptNow("connection", { tab: "status" }).tab;
  return TABS.find((tab) => tab === kept) ?? "status";
}

interface ConnectionItemProps {
  connection: ConnectionCard;
  here: boolean;
  tab: Tab;
}

function ConnectionItem({ connection, here, tab }: ConnectionItemProps) {
  const shown = useShownState(connection, useNow(5000));
  return (
    <li>
      <a
        className="side-item" href={write({ page: "connection", connection: connection.id, tab })} aria-current={here ? "page" : undefined}
        title={`${connection.name}: ${shown.label}`}
      >
        <span className={`tone-${shown.tone}`}><Icon name={shown.icon} turning={shown.turning} /></span>
        <span className="side-text cut">{connection.name}</span>
        <span className="hidden-text">, {shown.turning ? "working" : shown.label}</span>
      </a>
    </li>
  );
}
