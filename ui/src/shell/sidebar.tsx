// The sidebar: mark, screens, connections with the glyph of their state. In a narrow window it is a rail.
import type { ConnectionCard } from "../api/generated/ConnectionCard";
import { Icon, type IconName, Mark } from "../components/icons";
import { keptNow } from "../lib/kept";
import { type Route, type Tab, TABS, write } from "../lib/route";
import { setTheme, THEMES, useTheme } from "../lib/theme";
import { STATES } from "../lib/words";
import { useLive } from "../state/live";

interface SidebarProps {
  route: Route;
  rail: boolean;
  toggle: () => void;
}

export function Sidebar({ route, rail, toggle }: SidebarProps) {
  const { connections, runs } = useLive();
  const atWork = runs.filter((run) => run.result === null);
  const tab = route.page === "connection" ? route.tab : lastTab();
  return (
    <nav className="side" aria-label="Main">
      <div className="side-brand"><Mark /><span className="side-text">Lockstep</span></div>
      <ul className="side-list">
        <Item to={{ page: "overview" }} icon="overview" label="Overview" here={route.page === "overview"} keys="Ctrl 1" />
        <Item
          to={{ page: "sync", connection: null }} icon="sync" label="Sync" keys="Ctrl 2"
          here={route.page === "run" || (route.page === "sync" && route.connection === null)} working={atWork.length}
        />
      </ul>
      <h2 className="side-head" id="side-connections"><span className="side-text">Connections</span></h2>
      <ul className="side-list side-scroll" aria-labelledby="side-connections">
        {connections.data?.connections.map((connection) => (
          <ConnectionItem
            key={connection.id} connection={connection} working={atWork.some((run) => run.connection === connection.id)}
            here={(route.page === "sync" || route.page === "connection") && route.connection === connection.id} tab={tab}
          />
        ))}
      </ul>
      <div className="side-foot">
        <ThemeButton />
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
  keys: string;
  working?: number;
}

function Item({ to, icon, label, here, keys, working = 0 }: ItemProps) {
  return (
    <li>
      <a className="side-item" href={write(to)} aria-current={here ? "page" : undefined} title={`${label} (${keys})`}>
        <Icon name={icon} />
        <span className="side-text cut">{label}</span>
        {working > 0 && <span className="side-count" title={`${working} at work`}>{working}<span className="hidden-text"> at work</span></span>}
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
  working: boolean;
  tab: Tab;
}

function ConnectionItem({ connection, here, working, tab }: ConnectionItemProps) {
  const state = STATES[connection.state];
  return (
    <li>
      <a
        className="side-item" href={write({ page: "connection", connection: connection.id, tab })} aria-current={here ? "page" : undefined}
        title={`${connection.name}: ${state.label}`}
      >
        <span className={`tone-${state.tone}`}>
          {working ? <Icon name="arc" turning /> : <Icon name={state.icon} />}
        </span>
        <span className="side-text cut">{connection.name}</span>
        <span className="hidden-text">, {working ? "working" : state.label}</span>
      </a>
    </li>
  );
}

function ThemeButton() {
  const theme = useTheme();
  const at = THEMES.findIndex((choice) => choice.theme === theme);
  const next = THEMES[(at + 1) % THEMES.length];
  const label = THEMES[at]?.label ?? "System";
  if (next === undefined) return null;
  return (
    <button type="button" className="side-item" onClick={() => setTheme(next.theme)} title={`Theme: ${label}. Change to ${next.label}`}>
      <Icon name="theme" /><span className="side-text">Theme: {label}</span>
    </button>
  );
}
