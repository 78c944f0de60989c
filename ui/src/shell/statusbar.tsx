// The foot of the window: what the engine does or waits for, and where the data is.
import type { ConnectionCard } from "../api/generated/ConnectionCard";
import type { KeychainState } from "../api/generated/KeychainState";
import type { RunProgress } from "../api/generated/RunProgress";
import { Icon, type IconName } from "../components/icons";
import { Button } from "../components/kit";
import { sentence as withStop } from "../components/shapes";
import { clock, plural, span } from "../lib/format";
import { useOnline } from "../lib/online";
import { useLive, useNow } from "../state/live";
import { usePause } from "../state/pause";

export function StatusBar() {
  const { connections, runs } = useLive();
  const now = useNow(1000);
  const online = useOnline();
  const list = connections.data?.connections ?? [];
  const pause = usePause();
  const engine = sentence(list, runs.filter((run) => run.result === null), now, pause.paused);
  const keychain = connections.data?.keychain ?? null;
  const pairs = list.reduce((sum, connection) => sum + connection.links, 0);
  return (
    <footer className="status" aria-label="Status">
      <span className={`tone-${engine.tone}`}><Icon name={engine.icon} small /><span className="cut second">{engine.text}</span></span>
      {pause.paused && <Button kind="quiet" size="small" busy={pause.busy} onClick={pause.resume}>Resume</Button>}
      {pause.error !== null && <span className="tone-bad" role="alert">{withStop(pause.error.message)}</span>}
      {pairs > 0 && <span>{plural(pairs, "pair")} in step</span>}
      <span className="status-end"><Icon name="disk" small />All data on this computer</span>
      {keychain !== null && <span className={keychain === "ready" ? "" : "tone-bad"}><Icon name="lock" small />{KEYCHAIN[keychain]}</span>}
      {online ? <span><Icon name="network" small />Online</span> : <span className="tone-warn"><Icon name="warning" small />Offline</span>}
    </footer>
  );
}

const KEYCHAIN: Record<KeychainState, string> = { ready: "Keychain unlocked", locked: "Keychain locked", absent: "No keychain" };

interface Engine {
  text: string;
  icon: IconName;
  tone: "ok" | "warn" | "plain" | "accent";
}

function sentence(connections: ConnectionCard[], atWork: RunProgress[], now: number, paused: boolean): Engine {
  for (const run of atWork) {
    const wait = run.waits.find((wait) => wait.until_ms > now);
    if (wait) return { text: `${run.connection_name} waits for ${wait.host}, ${span(wait.until_ms - now)}`, icon: "clock", tone: "warn" };
  }
  const [first] = atWork;
  if (first) {
    const more = atWork.length > 1 ? ` and ${plural(atWork.length - 1, "more run")}` : "";
    return { text: `${first.connection_name} is at work${more}`, icon: "sync", tone: "accent" };
  }
  if (paused) return { text: "All connections are paused", icon: "paused", tone: "warn" };
  const next = connections.flatMap((connection) => connection.next_ms ?? []).sort((one, other) => one - other)[0];
  if (next === undefined) return { text: "Automatic sync is off", icon: "nothing", tone: "plain" };
  if (next <= now) return { text: "The next automatic check begins now", icon: "checked", tone: "ok" };
  return { text: `Next automatic check ${clock(next)}, in ${span(next - now)}`, icon: "checked", tone: "ok" };
}
