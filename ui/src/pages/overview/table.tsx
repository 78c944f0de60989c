// Connections as rows: who with whom, state and reason, the last day, automatic, one action, a menu. Keys work on the row in focus.
import { type KeyboardEvent, useId } from "react";
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import { useAutomatic } from "../../components/automatic";
import { useConnectionActs } from "../../components/connection-acts";
import { Icon } from "../../components/icons";
import { Button } from "../../components/kit";
import { Menu } from "../../components/menu";
import { NextAction } from "../../components/next-action";
import { ErrorCard, sentence, TilePair } from "../../components/shapes";
import { count, span } from "../../lib/format";
import { lettersOn } from "../../lib/preferences";
import { go, write } from "../../lib/route";
import { arrow, type Tone } from "../../lib/words";
import { type Orders, useOrders } from "../../state/orders";
import { usePause } from "../../state/pause";
import { useShownState } from "../../state/shown";
import { Hours } from "./hours";

interface TableProps {
  title: string;
  tone: Tone;
  list: ConnectionCard[];
  now: number;
}

export function ConnectionTable({ title, tone, list, now }: TableProps) {
  const heading = useId();
  return (
    <section aria-labelledby={heading}>
      <h2 className="overview-group" id={heading}>{title} <span className={`overview-count overview-count-${tone}`}>{list.length}</span></h2>
      <div className="card overview-card">
        <table className="overview-table" aria-labelledby={heading}>
          <thead>
            <tr><th scope="col">Connection</th><th scope="col">State</th><th scope="col" className="overview-wide">Last 24 hours</th><th scope="col">Automatic</th><th><span className="hidden-text">Action</span></th></tr>
          </thead>
          <tbody>{list.map((connection) => <Row key={connection.id} connection={connection} now={now} />)}</tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ connection, now }: { connection: ConnectionCard; now: number }) {
  const { source_side: source, target_side: target, flow } = connection;
  const acts = useConnectionActs(connection);
  const orders = useOrders(connection);
  const automatic = useAutomatic(connection, orders.preview);
  const changed = connection.hours.reduce((sum, hour) => sum + hour.changed, 0);
  const keys = (event: KeyboardEvent<HTMLElement>) => {
    if (!(event.target instanceof Element) || event.target.closest("dialog, [role=menu]") !== null) return;
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const letters: Record<string, () => void> = { r: orders.sync, p: orders.preview, a: automatic.toggle };
    const letter = lettersOn() ? letters[event.key.toLowerCase()] : undefined;
    if (letter !== undefined) letter();
    else if (!walk(event.key, event.currentTarget)) return;
    event.preventDefault();
  };
  const { paused } = usePause();
  const every = connection.automatic && paused ? "On, paused" : connection.automatic ? `Every ${span(connection.interval_seconds * 1000)}` : connection.first_run ? "After first run" : "Off";
  return (
    <>
      <tr onKeyDown={keys}>
        <th scope="row">
          <div className="overview-name">
            <TilePair source={source} target={target} flow={flow} />
            <div className="cut">
              <a className="overview-link" href={write({ page: "connection", connection: connection.id, tab: "status" })} aria-keyshortcuts="Enter R P A">{connection.name}</a>
              <p className="quiet cut">{connection.source} {arrow(flow).sign} {connection.target}</p>
            </div>
          </div>
        </th>
        <td><State connection={connection} now={now} /></td>
        <td className="overview-wide">
          <Hours hours={connection.hours} />
          <p className="overview-caption">{changed === 0 && connection.first_run ? "Not run yet" : `${count(changed)} changed`}</p>
        </td>
        <td>
          {automatic.control}
          <p className="overview-caption">{automatic.error ? <span className="tone-bad" role="alert">{sentence(automatic.error.message)}</span> : every}</p>
        </td>
        <td>
          <div className="overview-action">
            <NextAction connection={connection} orders={orders} />
            <RowMenu connection={connection} orders={orders} pause={automatic.toggle} acts={acts} />
          </div>
          {acts.layer}
        </td>
      </tr>
      {acts.failed !== null && <tr className="overview-failed"><td colSpan={5}>{acts.failed}</td></tr>}
      {orders.failed !== null && (
        <tr className="overview-failed">
          <td colSpan={5}><ErrorCard title={`${connection.name}: ${orders.failed.title.toLowerCase()}`} error={orders.failed.error}><Button kind="quiet" onClick={orders.forget}>Close</Button></ErrorCard></td>
        </tr>
      )}
    </>
  );
}

/** Arrows go from row to row, over the border between the two tables. */
function walk(key: string, row: Element): boolean {
  const links = [...(row.closest(".overview")?.querySelectorAll<HTMLElement>(".overview-link") ?? [])];
  const at = links.findIndex((link) => row.contains(link));
  const to: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 };
  const next = to[key];
  if (next === undefined) return false;
  links[Math.max(0, Math.min(links.length - 1, next))]?.focus();
  return true;
}

function State({ connection, now }: { connection: ConnectionCard; now: number }) {
  const shown = useShownState(connection, now);
  const { paused } = usePause();
  const next = connection.next_ms;
  const due = connection.state === "running" && next !== null && next > now && !paused ? ` Next in ${span(next - now)}.` : "";
  return (
    <div className="overview-state">
      <span className={`tone-${shown.tone}`}><Icon name={shown.icon} turning={shown.turning} /></span>
      <div>
        <p className={`strong tone-${shown.tone}`}>{shown.label}</p>
        <p className="overview-sentence">{connection.reason}{due}</p>
      </div>
    </div>
  );
}

interface RowMenuProps {
  connection: ConnectionCard;
  orders: Orders;
  pause: () => void;
  acts: ReturnType<typeof useConnectionActs>;
}

function RowMenu({ connection, orders, pause, acts }: RowMenuProps) {
  const blocked = orders.working !== null ? "A run of it is at work." : orders.refused;
  return (
    <Menu
      label={`More for ${connection.name}`}
      items={[
        { label: "Preview", act: orders.preview, refused: blocked },
        { label: "Run sync", act: orders.sync, refused: blocked },
        { label: "Open mapping", act: () => go({ page: "connection", connection: connection.id, tab: "mapping" }) },
        acts.rename, acts.duplicate, acts.write,
        { label: "Pause", act: pause, refused: connection.automatic ? null : "Automatic sync is off." },
        acts.remove,
      ]}
    />
  );
}
