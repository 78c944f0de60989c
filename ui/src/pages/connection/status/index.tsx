// Everything about one connection on one page: its state and why, the next check, both sides, what waits for a person.
import type { ConnectionCard } from "../../../api/generated/ConnectionCard";
import type { SideView } from "../../../api/generated/SideView";
import { useAct } from "../../../api/query";
import { useTransport } from "../../../api/transport";
import { Icon } from "../../../components/icons";
import { Button, Pill, Switch } from "../../../components/kit";
import { Moment, sentence, Tile } from "../../../components/shapes";
import { count, moment, plural, span } from "../../../lib/format";
import { go, write } from "../../../lib/route";
import { resultMark, STATES } from "../../../lib/words";
import { useLive, useNow } from "../../../state/live";
import { useToast } from "../../../state/toast";
import type { TabProps } from "../tabs";
import "./status.css";

export function Status({ connection }: TabProps) {
  return (
    <div className="screen state">
      <StateCard connection={connection} />
      <div className="state-columns">
        <section className="card" aria-labelledby="state-sides">
          <h2 id="state-sides">Sides</h2>
          <Account side={connection.source_side} role="source" />
          <Account side={connection.target_side} role="target" />
        </section>
        <Facts connection={connection} />
        <Automatic connection={connection} />
      </div>
    </div>
  );
}

function StateCard({ connection }: { connection: ConnectionCard }) {
  const mark = STATES[connection.state];
  const start = connection.first_run ? "Preview first run" : "Go to Sync";
  return (
    <section className={`card state-card state-${mark.tone}`} aria-labelledby="state-now">
      <Icon name={connection.running ? "arc" : mark.icon} turning={connection.running} />
      <div>
        <h2 id="state-now">{mark.label}</h2>
        <p>{sentence(connection.reason)}</p>
      </div>
      <Button kind={mark.needsYou ? "primary" : "plain"} onClick={() => go({ page: "sync", connection: connection.id })}>{start}</Button>
    </section>
  );
}

function Account({ side, role }: { side: SideView; role: "source" | "target" }) {
  return (
    <div className="state-side">
      <Tile side={side} role={role} />
      <div>
        <p className="strong">{side.label} <span className="quiet">{role}</span></p>
        <p className="second cut" title={side.address}>{side.account}, {side.address.replace("https://", "")}</p>
      </div>
      {side.practice && <Pill tone="accent">Practice</Pill>}
    </div>
  );
}

function Facts({ connection }: { connection: ConnectionCard }) {
  const now = useNow(1000);
  const last = connection.last_run;
  return (
    <section className="card" aria-labelledby="state-work">
      <h2 id="state-work">Work</h2>
      <dl className="state-facts">
        <dt>Next check</dt>
        <dd>{connection.next_ms === null ? "none, automatic sync is off" : connection.next_ms <= now ? "now" : <><Moment ms={connection.next_ms}>{moment(connection.next_ms, now)}</Moment>, in {span(connection.next_ms - now)}</>}</dd>
        <dt>Last run</dt>
        <dd>{last === null ? "none yet" : <LastRun connection={connection} now={now} />}</dd>
        <dt>Pairs in step</dt>
        <dd>{count(connection.links)}</dd>
        <dt>Waiting</dt>
        <dd>{connection.pending === 0 ? "nothing" : plural(connection.pending, "ticket")}{connection.waiting_since_ms !== null && <> for {span(now - connection.waiting_since_ms)}</>}</dd>
        <dt>Conflicts</dt>
        <dd className={connection.conflicts > 0 ? "tone-ask strong" : ""}>{connection.conflicts === 0 ? "none" : count(connection.conflicts)}</dd>
        <dt>Quarantine</dt>
        <dd className={connection.quarantined > 0 ? "tone-bad strong" : ""}>{connection.quarantined === 0 ? "empty" : plural(connection.quarantined, "ticket")}</dd>
      </dl>
    </section>
  );
}

function LastRun({ connection, now }: { connection: ConnectionCard; now: number }) {
  const { last_run: last } = connection;
  if (last === null) return null;
  const mark = resultMark(last.result);
  return (
    <>
      <a href={write({ page: "run", run: last.id })}>Run {count(last.id)}</a> <Moment ms={last.started_ms}>{moment(last.started_ms, now)}</Moment>{" "}
      <span className={`state-result tone-${mark.tone}`}><Icon name={mark.icon} small />{mark.label}</span>
    </>
  );
}

function Automatic({ connection }: { connection: ConnectionCard }) {
  const { connections } = useLive();
  const transport = useTransport();
  const toast = useToast();
  const { act, error } = useAct("set_automatic");
  const { automatic: on, prerequisites, interval_seconds } = connection;
  const ready = prerequisites.every((each) => each.holds);
  const set = async (next: boolean) => {
    if ((await act({ connection: connection.id, on: next })) === null) return;
    connections.reload();
    const undo = () => void transport.call("set_automatic", { connection: connection.id, on: !next }).then(connections.reload, connections.reload);
    toast({ text: `Automatic sync of ${connection.name} is ${next ? "on" : "off"}.`, undo });
  };
  return (
    <section className="card" aria-labelledby="state-automatic">
      <div className="state-switch">
        <h2 id="state-automatic">Automatic sync</h2>
        <Switch
          label={`Automatic sync of ${connection.name}`} on={on} change={(next) => void set(next)}
          refused={!on && !ready ? "Something it needs is missing; the list below says what." : null}
        />
      </div>
      <p className="second">{on ? "Checks" : "Would check"} every {span(interval_seconds * 1000)}. It needs:</p>
      <ul className="state-needs">
        {prerequisites.map((each) => (
          <li key={each.name}>
            <span className={each.holds ? "tone-ok" : "tone-warn"}><Icon name={each.holds ? "check" : "dashed"} small /></span>
            <div>
              {each.name}<span className="hidden-text">{each.holds ? ": yes" : ": not yet"}</span>
              {!each.holds && each.reason !== null && <p className="quiet">{sentence(each.reason)}</p>}
            </div>
          </li>
        ))}
      </ul>
      {error && <p className="tone-bad" role="alert">{error.message}</p>}
    </section>
  );
}
