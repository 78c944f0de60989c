// The foot of the window: what the engine does or waits for, and where the data is.
import type { ConnectionCard } from "../api/generated/ConnectionCard";
import type { RunProgress } from "../api/generated/RunProgress";
import { Icon, type IconName } from "../components/icons";
import { clock, plural, span } from "../lib/format";
import { useOnline } from "../lib/online";
import { useLive, useNow } from "../state/live";

export function StatusBar() {
  const { connections, runs } = useLive();
  const now = useNow(1000);
  const online = useOnline();
  const list = connections.data?.connections ?? [];
  const engine = sentence(list, runs.filter((run) => run.result === null), now);
  const pairs = list.reduce((sum, connection) => sum + connection.links, 0);
  return (
    <footer className="status" aria-label="Status">
      <span className={`tone-${engine.tone}`}><Icon name={engine.icon} small /><span className="cut second">{engine.text}</span></span>
      {pairs > 0 && <span>{plural(pairs, "pair")} in step</span>}
      <span className="status-end"><Icon name="disk" small />All data on this computer</span>
      <span><Icon name="lock" small />Keychain unlocked</span>
      {!online && <span className="tone-warn"><Icon name="warning" small />Offline</span>}
    </footer>
  );
}

interface Engine {
  text: string;
  icon: IconName;
  tone: "ok" | "warn" | "plain" | "accent";
}

function sentence(connections: ConnectionCard[], atWork: RunProgress[], now: number): Engine {
  for (const run of atWork) {
    const wait = run.waits.find((wait) => wait.until_ms > now);
    if (wait) return { text: `${run.connection_name} waits for ${wait.host}, ${span(wait.until_ms - now)}`, icon: "clock", tone: "warn" };
  }
  const [first] = atWork;
  if (first) {
    const more = atWork.length > 1 ? ` and ${plural(atWork.length - 1, "more run")}` : "";
    return { text: `${first.connection_name} is at work${more}`, icon: "sync", tone: "accent" };
  }
  const next = connections.flatMap((connection) => connection.next_ms ?? []).sort((one, other) => one - other)[0];
  if (next === undefined) return { text: "Automatic sync is off", icon: "nothing", tone: "plain" };
  if (next <= now) return { text: "The next automatic check begins now", icon: "checked", tone: "ok" };
  return { text: `Next automatic check ${clock(next)}, in ${span(next - now)}`, icon: "checked", tone: "ok" };
}
