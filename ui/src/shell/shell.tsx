// The frame around every screen but Welcome: sidebar, screen, status bar, and the banners that stand on all of them.
import { type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { Banner, Button } from "../components/kit";
import { useKeys } from "../lib/keys";
import { clock } from "../lib/format";
import { offlineSince, useOnline } from "../lib/online";
import { isNarrow, listenNarrow } from "../lib/preferences";
import { go, type Route } from "../lib/route";
import { useLive } from "../state/live";
import { GoTo } from "./go-to";
import { KeySheet } from "./key-sheet";
import { Sidebar } from "./sidebar";
import { ConnectSteps } from "./steps";
import { StatusBar } from "./statusbar";
import "./shell.css";

const KEY = "lockstep.sidebar";

export function Shell({ route, children }: { route: Route; children: ReactNode }) {
  const [rail, toggle] = useRail();
  const firstRender = useRef(true);
  const [layer, setLayer] = useState<"find" | "keys" | null>(null);
  const place = route.page === "run" ? `run ${route.run}` : route.page === "plan" ? `plan ${route.plan}` : route.page === "connection" ? `connection ${route.connection}` : route.page;

  useKeys([
    [{ key: "1", ctrl: true }, () => go({ page: "overview" })],
    [{ key: "2", ctrl: true }, () => go({ page: "sync", connection: null })],
    [{ key: "3", ctrl: true }, () => go({ page: "conflicts" })],
    [{ key: "4", ctrl: true }, () => go({ page: "quarantine" })],
    [{ key: "5", ctrl: true }, () => go({ page: "links" })],
    [{ key: ",", ctrl: true }, () => go({ page: "settings" })],
    [{ key: "b", ctrl: true }, toggle],
    [{ key: "k", ctrl: true }, () => setLayer("find")],
    [{ key: "?" }, () => setLayer("keys")],
  ]);

  // A new screen begins at its title, for those who hear it.
  useEffect(() => {
    if (!firstRender.current) document.getElementById("screen-title")?.focus();
    firstRender.current = false;
  }, [place]);

  return (
    <div className={rail ? "shell shell-rail" : "shell"}>
      <button type="button" className="skip" onClick={() => document.getElementById("screen-title")?.focus()}>Skip to content</button>
      <Sidebar route={route} rail={rail} toggle={toggle} find={() => setLayer("find")} />
      <main>
        <ConnectSteps route={route} />
        <Keychain />
        <Offline />
        {children}
      </main>
      <StatusBar />
      {layer === "find" && <GoTo close={() => setLayer(null)} showKeys={() => setLayer("keys")} />}
      {layer === "keys" && <KeySheet route={route} close={() => setLayer(null)} />}
    </div>
  );
}

function Keychain() {
  const { data, loading, reload } = useLive().connections;
  const keychain = data?.keychain ?? "ready";
  if (keychain === "ready") return null;
  const locked = keychain === "locked";
  // Asking again is what unlocks: the system puts its own question.
  return (
    <Banner
      tone="bad" urgent title={locked ? "Keychain locked." : "No keychain answers."}
      action={<Button busy={loading} onClick={reload}>{locked ? "Unlock keychain" : "Try again"}</Button>}
    >
      Lockstep cannot read sign-ins, so no run can start.
    </Banner>
  );
}

function Offline() {
  const online = useOnline();
  const { connections } = useLive();
  const remote = connections.data?.connections.some((connection) => !(connection.source_side.practice && connection.target_side.practice));
  if (online || remote !== true) return null;
  const since = offlineSince();
  return <Banner tone="warn" title={since === null ? "Offline." : `Offline since ${clock(since)}.`}>Nothing is lost: checks start again by themselves when the network is back.</Banner>;
}

function useRail(): [boolean, () => void] {
  const [chosen, setChosen] = useState(() => window.localStorage.getItem(KEY));
  const narrow = useSyncExternalStore(listenNarrow, isNarrow);
  const rail = chosen === null ? narrow : chosen === "rail";
  const toggle = () => {
    const next = rail ? "wide" : "rail";
    window.localStorage.setItem(KEY, next);
    setChosen(next);
  };
  return [rail, toggle];
}
