// The whole window: opens the store, then Welcome, the locked screen, or the shell with the screen of the address.
import { useState } from "react";
import type { ConnectionCard } from "./api/generated/ConnectionCard";
import { useQuery } from "./api/query";
import { ErrorCard } from "./components/shapes";
import { keepNow, keptNow } from "./lib/kept";
import { go, useRoute } from "./lib/route";
import { Accounts } from "./pages/accounts";
import { Conflicts } from "./pages/conflicts";
import { Links } from "./pages/links";
import { Connection } from "./pages/connection";
import { Locked } from "./pages/locked";
import { Overview } from "./pages/overview";
import { Quarantine } from "./pages/quarantine";
import { Plan } from "./pages/plan";
import { Run } from "./pages/run";
import { Settings } from "./pages/settings";
import { Sync } from "./pages/sync";
import { Welcome } from "./pages/welcome";
import { Farewell } from "./shell/farewell";
import { Shell } from "./shell/shell";
import { STEPS, STEPS_OFF } from "./shell/steps";
import { LiveProvider } from "./state/live";
import { ToastProvider } from "./state/toast";

const NOTHING = {};

export function App() {
  return (
    <>
      <Window />
      <Farewell />
    </>
  );
}

function Window() {
  const state = useQuery("app_state", NOTHING);
  // Somebody connects platforms of their own: the screens are there before the first connection is.
  const [connecting, setConnecting] = useState(() => keptNow(STEPS, STEPS_OFF).state === "on");
  if (state.data === null) {
    if (state.error === null) return <main className="screen" aria-busy="true" aria-label="Opening Lockstep" />;
    return <main className="screen"><ErrorCard title="Lockstep could not start" error={state.error} retry={state.reload} /></main>;
  }
  const { trouble, connections, running, version } = state.data;
  const started = (card: ConnectionCard) => {
    go({ page: "connection", connection: card.id, tab: "mapping" });
    state.reload();
  };
  const connect = () => {
    keepNow(STEPS, { state: "on" });
    setConnecting(true);
    go({ page: "accounts" });
  };
  if (trouble?.kind === "keychain_absent") return <Welcome keychain={trouble.error} retry={state.reload} started={started} connect={connect} />;
  if (trouble !== null) return <Locked trouble={trouble} busy={state.loading} retry={state.reload} />;
  if (connections === 0 && !connecting) return <Welcome retry={state.reload} started={started} connect={connect} />;
  return (
    <LiveProvider first={running}>
      <ToastProvider>
        <Screens version={version} />
      </ToastProvider>
    </LiveProvider>
  );
}

function Screens({ version }: { version: string }) {
  const route = useRoute();
  return (
    <Shell route={route}>
      {route.page === "overview" && <Overview make={route.make === true} />}
      {route.page === "sync" && <Sync connection={route.connection} />}
      {route.page === "conflicts" && <Conflicts key={route.ticket} ticket={route.ticket ?? null} />}
      {route.page === "quarantine" && <Quarantine key={route.ticket} ticket={route.ticket ?? null} />}
      {route.page === "links" && <Links key={route.ticket} ticket={route.ticket ?? null} />}
      {route.page === "accounts" && <Accounts key={route.account} start={route.account ?? null} />}
      {route.page === "settings" && <Settings version={version} />}
      {route.page === "plan" && <Plan key={route.plan} plan={route.plan} />}
      {route.page === "connection" && <Connection key={route.connection} connection={route.connection} tab={route.tab} />}
      {route.page === "run" && <Run key={route.run} run={route.run} />}
    </Shell>
  );
}
