// A connection: its head, its tabs, and the tab that is open (ux.md §2).
import { useEffect, useSyncExternalStore } from "react";
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import { Button } from "../../components/kit";
import { Empty, ErrorCard, Skeleton, TilePair } from "../../components/shapes";
import { Icon } from "../../components/icons";
import { Planning } from "../../components/planning";
import { plural } from "../../lib/format";
import { useKept } from "../../lib/kept";
import { type Chord, useKeys } from "../../lib/keys";
import { go, type Tab, TABS, write } from "../../lib/route";
import { Header } from "../../shell/header";
import { useLive, useNow } from "../../state/live";
import { type Orders, useOrders } from "../../state/orders";
import { useShownState } from "../../state/shown";
import { tabOf } from "./editing/problems";
import type { Session } from "./editing/session";
import { useSession } from "./editing/sessions";
import { Guide } from "./guide";
import { SCREENS } from "./tabs";
import "./connection.css";

export function Connection({ connection: id, tab: asked }: { connection: number; tab: Tab }) {
  const { connections } = useLive();
  const session = useSession(id);
  const [kept, keep] = useKept("connection", { tab: "status" });
  const tab: Tab = asked in SCREENS ? asked : "status";
  useEffect(() => {
    if (kept.tab !== tab) keep({ tab });
  }, [kept.tab, tab, keep]);
  useKeys(TABS.map((each, at): [Chord, () => void] => [{ key: String(at + 1), alt: true }, () => {
    if (each in SCREENS) go({ page: "connection", connection: id, tab: each });
  }]));

  const connection = connections.data?.connections.find((each) => each.id === id);
  if (connection === undefined) {
    return (
      <>
        <Header title="Connection" />
        <div className="screen">
          {connections.error && <ErrorCard title="The connections could not be read" error={connections.error} retry={connections.reload} />}
          {connections.data === null && connections.error === null && <div className="card"><Skeleton rows={6} what="the connection" /></div>}
          {connections.data !== null && (
            <Empty title="This connection is not there any more" actions={<Button onClick={() => go({ page: "overview" })}>Show all connections</Button>}>
              It was deleted, or the address is of another computer.
            </Empty>
          )}
        </div>
      </>
    );
  }
  return <Opened connection={connection} tab={tab} loading={connections.loading} session={session} />;
}

interface OpenedProps {
  connection: ConnectionCard;
  tab: Tab;
  loading: boolean;
  session: Session;
}

function Opened({ connection, tab, loading, session }: OpenedProps) {
  const orders = useOrders(connection);
  useKeys([
    [{ key: "p", ctrl: true, shift: true }, orders.preview],
    [{ key: "s", ctrl: true, shift: true }, orders.sync],
  ]);
  const screen = SCREENS[tab];
  return (
    <>
      <ConnectionHead connection={connection} loading={loading} orders={orders} />
      <TabRow connection={connection.id} tab={tab} session={session} />
      <Guide connection={connection} />
      {orders.failed !== null && <div className="connection-failed"><ErrorCard title={orders.failed.title} error={orders.failed.error}><Button kind="quiet" onClick={orders.forget}>Close</Button></ErrorCard></div>}
      {screen && <screen.Screen key={tab} connection={connection} orders={orders} />}
    </>
  );
}

function ConnectionHead({ connection, loading, orders }: { connection: ConnectionCard; loading: boolean; orders: Orders }) {
  const shown = useShownState(connection, useNow(1000));
  return (
    <Header
      title={connection.name} loading={loading}
      before={<TilePair source={connection.source_side} target={connection.target_side} flow={connection.flow} />}
      context={<>
        <span className={`connection-state tone-${shown.tone}`}><Icon name={shown.icon} turning={shown.turning} />{shown.label}</span>
        <span className="connection-why cut" title={connection.reason}>{connection.reason}</span>
        {connection.source_side.practice && <span className="pill pill-accent">Practice</span>}
      </>}
    >
      {orders.working !== null && <Button onClick={() => go({ page: "sync", connection: connection.id })}>Watch run</Button>}
      {orders.working === null && (
        <>
          {orders.planning && <span className="second cut"><Planning making={orders.making} /></span>}
          {orders.planning && <Button kind="quiet" onClick={orders.stopPlanning}>Stop planning</Button>}
          <Button icon="eye" title="Ctrl Shift P" busy={orders.planning} refused={orders.refused} onClick={orders.preview}>{orders.planning ? "Planning" : "Preview"}</Button>
          <Button icon="sync" title="Ctrl Shift S" busy={orders.starting} refused={orders.refused ?? (orders.planning ? "A plan is being made." : null)} onClick={orders.sync}>Run sync</Button>
        </>
      )}
    </Header>
  );
}

/** A tab says how many errors stand on it, once an editor has opened the document. */
function TabRow({ connection, tab, session }: { connection: number; tab: Tab; session: Session }) {
  const { checked } = useSyncExternalStore(session.subscribe, session.read);
  const wrong = (checked?.problems ?? []).filter((problem) => problem.level === "error");
  return (
    <nav aria-label="Parts of this connection">
      <ul className="tabs">
        {TABS.map((each, at) => {
          const screen = SCREENS[each];
          if (screen === undefined) return null;
          const errors = wrong.filter((problem) => tabOf(problem) === each).length;
          return (
            <li key={each}>
              <a href={write({ page: "connection", connection, tab: each })} aria-current={each === tab ? "page" : undefined} title={`Alt ${at + 1}`}>
                {screen.label}
                {errors > 0 && <span className="tabs-count"><span aria-hidden="true">{errors}</span><span className="hidden-text">, {plural(errors, "error")}</span></span>}
              </a>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
