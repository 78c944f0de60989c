// Everything about one connection on one page: its state and why, the next check, both sides, what waits for a person.
import type { ConnectionCard } from "../../../api/generated/ConnectionCard";
import { useAutomatic } from "../../../components/automatic";
import { useConnectionActs } from "../../../components/connection-acts";
import { Icon } from "../../../components/icons";
import { Button } from "../../../components/kit";
import { Needs } from "../../../components/needs";
import { NextAction } from "../../../components/next-action";
import { Moment, sentence } from "../../../components/shapes";
import { count, moment, plural, span } from "../../../lib/format";
import { go, write } from "../../../lib/route";
import { STATES } from "../../../lib/words";
import { useNow } from "../../../state/live";
import type { Orders } from "../../../state/orders";
import { usePause } from "../../../state/pause";
import { useShownState } from "../../../state/shown";
import type { TabProps } from "../tabs";
import { Checklist } from "./checklist";
import { LastRuns } from "./last-runs";
import { Sides } from "./sides";
import "./status.css";

export function Status({ connection, orders }: TabProps) {
  const acts = useConnectionActs(connection, () => go({ page: "overview" }));
  return (
    <div className="screen state">
      <StateCard connection={connection} orders={orders} />
      {connection.first_run ? <Checklist connection={connection} /> : (
        <div className="state-columns">
          <Sides connection={connection} />
          <Facts connection={connection} />
          <Automatic connection={connection} orders={orders} />
          <LastRuns connection={connection} />
        </div>
      )}
      {acts.failed}
      <div className="state-end" role="group" aria-label="This connection">
        {[acts.rename, acts.duplicate, acts.write, acts.remove].map(({ label, act, danger = false }) => <Button key={label} kind="quiet" danger={danger} onClick={act}>{label}</Button>)}
      </div>
      {acts.layer}
    </div>
  );
}

function StateCard({ connection, orders }: { connection: ConnectionCard; orders: Orders }) {
  const shown = useShownState(connection, useNow(1000));
  const { needsYou } = STATES[connection.state];
  return (
    <section className={`card state-card state-${shown.tone}`} aria-labelledby="state-now">
      <Icon name={shown.icon} turning={shown.turning} />
      <div>
        <h2 id="state-now">{shown.label}</h2>
        <p>{sentence(connection.reason)}</p>
      </div>
      {(!connection.first_run || orders.working !== null) && <NextAction connection={connection} orders={orders} kind={needsYou ? "primary" : "plain"} />}
    </section>
  );
}

function Facts({ connection }: { connection: ConnectionCard }) {
  const now = useNow(1000);
  const { paused } = usePause();
  return (
    <section className="card" aria-labelledby="state-work">
      <h2 id="state-work">Work</h2>
      <dl className="state-facts">
        <dt>Next check</dt>
        <dd>{paused ? "waits, all connections are paused" : connection.next_ms === null ? "none, automatic sync is off" : connection.next_ms <= now ? "now" : <><Moment ms={connection.next_ms}>{moment(connection.next_ms, now)}</Moment>, in {span(connection.next_ms - now)}</>}</dd>
        <dt>Pairs in step</dt>
        <dd>{count(connection.links)}</dd>
        <dt>Waiting</dt>
        <dd>{connection.pending === 0 ? "nothing" : plural(connection.pending, "ticket")}{connection.waiting_since_ms !== null && <> for {span(now - connection.waiting_since_ms)}</>}</dd>
        <dt>Conflicts</dt>
        <dd>{connection.conflicts === 0 ? "none" : <a href={write({ page: "conflicts" })}>{plural(connection.conflicts, "field")} to decide</a>}</dd>
        <dt>Quarantine</dt>
        <dd>{connection.quarantined === 0 ? "empty" : <a href={write({ page: "quarantine" })}>{plural(connection.quarantined, "ticket")}</a>}</dd>
      </dl>
    </section>
  );
}

function Automatic({ connection, orders }: { connection: ConnectionCard; orders: Orders }) {
  const { control, error } = useAutomatic(connection, orders.preview);
  return (
    <section className="card" aria-labelledby="state-automatic">
      <div className="state-switch"><h2 id="state-automatic">Automatic sync</h2>{control}</div>
      <p className="second">{connection.automatic ? "Checks" : "Would check"} every {span(connection.interval_seconds * 1000)}. It needs:</p>
      <Needs connection={connection} here="status" />
      {error && <p className="tone-bad" role="alert">{sentence(error.message)}</p>}
    </section>
  );
}
