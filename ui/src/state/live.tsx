// What every screen looks at: the connections, and the runs at work as they report themselves.
import { createContext, type ReactNode, use, useCallback, useEffect, useLayoutEffect, useMemo, useState } from "react";
import type { ConnectionList } from "../api/generated/ConnectionList";
import type { RunProgress } from "../api/generated/RunProgress";
import { type Query, useQuery } from "../api/query";
import { useTransport } from "../api/transport";

const REFRESH_MS = 30_000;

interface Live {
  connections: Query<ConnectionList>;
  /** At work, or ended since the window opened; the latest of each connection, newest first. */
  runs: RunProgress[];
  /** Plans being made now, by connection. */
  plans: ReadonlyMap<number, RunProgress>;
  /** Takes an ended run off the Sync page. */
  dismiss: (run: number) => void;
  /** Rises whenever a run ended: histories read themselves anew. */
  ended: number;
}

const LiveContext = createContext<Live | null>(null);
const EVERYTHING = {};

export function LiveProvider({ first, children }: { first: RunProgress[]; children: ReactNode }) {
  const transport = useTransport();
  const connections = useQuery("list_connections", EVERYTHING);
  const { reload } = connections;
  const [byConnection, setByConnection] = useState(() => merged(new Map(), first));
  const [plans, setPlans] = useState<ReadonlyMap<number, RunProgress>>(() => planned(new Map(), first));
  const [ended, setEnded] = useState(0);

  // Before anything is shown: what a run tells between the first picture and an effect after it would be lost.
  useLayoutEffect(
    () =>
      transport.subscribe("run", (progress) => {
        if (progress.planning) {
          setPlans((before) => planned(before, [progress]));
          return;
        }
        setByConnection((before) => merged(before, [progress]));
        if (progress.result !== null) {
          setEnded((count) => count + 1);
          reload();
        } else if (progress.phase === "sign_in") {
          reload();
        }
      }),
    [transport, reload],
  );
  useEffect(() => transport.subscribe("changed", reload), [transport, reload]);
  useEffect(() => {
    const timer = window.setInterval(reload, REFRESH_MS);
    return () => window.clearInterval(timer);
  }, [reload]);

  const dismiss = useCallback((run: number) => {
    setByConnection((before) => new Map([...before].filter(([, progress]) => progress.run !== run)));
  }, []);

  const runs = useMemo(() => [...byConnection.values()].sort((one, other) => other.run - one.run), [byConnection]);
  const live = useMemo(() => ({ connections, runs, plans, dismiss, ended }), [connections, runs, plans, dismiss, ended]);
  return <LiveContext value={live}>{children}</LiveContext>;
}

export function useLive(): Live {
  const live = use(LiveContext);
  if (live === null) throw new Error("the screen is not inside a LiveProvider");
  return live;
}

function merged(before: ReadonlyMap<number, RunProgress>, news: RunProgress[]): Map<number, RunProgress> {
  const next = new Map(before);
  for (const progress of news) {
    if (progress.planning) continue;
    const known = next.get(progress.connection);
    const late = known !== undefined && (known.run > progress.run || (known.run === progress.run && known.result !== null));
    if (!late) next.set(progress.connection, progress);
  }
  return next;
}

function planned(before: ReadonlyMap<number, RunProgress>, news: RunProgress[]): Map<number, RunProgress> {
  const next = new Map(before);
  for (const progress of news.filter((each) => each.planning)) {
    if (progress.result === null) next.set(progress.connection, progress);
    else next.delete(progress.connection);
  }
  return next;
}

/** Now, told again every so often; for countdowns and spans. */
export function useNow(everyMs: number): number {
  const transport = useTransport();
  const [now, setNow] = useState(() => transport.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(transport.now()), everyMs);
    return () => window.clearInterval(timer);
  }, [transport, everyMs]);
  return now;
}
