// A run at work, or just ended: phases, counts, waits, the last tickets as they are written.
import { useState } from "react";
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import type { Counts } from "../../api/generated/Counts";
import type { RunProgress } from "../../api/generated/RunProgress";
import { useAct } from "../../api/query";
import { Icon } from "../../components/icons";
import { Button, Pill } from "../../components/kit";
import { Bar, ErrorCard, sentence, TilePair } from "../../components/shapes";
import { clock, count, ofWhole, plural, span } from "../../lib/format";
import { go } from "../../lib/route";
import { PHASES, RESULTS } from "../../lib/words";
import { useLive, useNow } from "../../state/live";
import { useStarting } from "../../state/starting";
import { leftMs, type Sample } from "./estimate";
import { Phases } from "./phases";
import { Tickets } from "./tickets";

export function RunCard({ run, connection }: { run: RunProgress; connection: ConnectionCard }) {
  const { dismiss } = useLive();
  const now = useNow(1000);
  const wait = run.waits.find((each) => each.until_ms > now && each.until_ms - each.since_ms >= 10_000);
  const title = `run-${run.run}`;
  return (
    <section className="card run" aria-labelledby={title}>
      <header className="run-head">
        <TilePair source={connection.source_side} target={connection.target_side} flow={connection.flow} />
        <h2 id={title} className="cut" tabIndex={-1}>{run.connection_name}</h2>
        <span className="second whole">Run {count(run.run)}</span>
        <RunPill run={run} until={wait?.until_ms ?? null} />
        <span className="run-since whole">{wait !== undefined ? "" : run.result === null ? `since ${clock(run.started_ms)}` : `started ${clock(run.started_ms)}`}</span>
        {run.result === null ? <CancelButton connection={connection.id} /> : (
          <>
            {run.result === "cancelled" && <ContinueButton run={run} connection={connection} />}
            <Button onClick={() => go({ page: "run", run: run.run })}>See run {count(run.run)}</Button>
            <Button kind="quiet" className="button-icon" aria-label="Close this card" onClick={() => dismiss(run.run)}><Icon name="close" /></Button>
          </>
        )}
      </header>
      <div className="run-body">
        <Phases run={run} waiting={wait !== undefined} />
        <Bar label="Tickets written" text={ofWhole(run.counts.done, run.counts.planned)} whole={run.counts.planned} parts={parts(run)} />
        <div className="run-sums"><CountLine counts={run.counts} /><Left run={run} now={now} /></div>
      </div>
      {run.held.length > 0 && <Held run={run} connection={connection} />}
      <Waits run={run} now={now} />
      <Tickets run={run} />
      <Why run={run} connection={connection} />
      <p className="hidden-text" role="status">{spoken(run)}</p>
    </section>
  );
}

/** An ended run without tickets says why there are none. */
function Why({ run, connection }: { run: RunProgress; connection: ConnectionCard }) {
  if (run.result === null || run.held.length > 0) return null;
  const last = connection.last_run?.id === run.run ? connection.last_run : null;
  if (last?.error) return <ErrorCard title="The run failed" error={last.error} />;
  if (run.result !== "nothing_to_do") return null;
  const looked = run.counts.read === 0 ? "No ticket changed since the last run." : `${plural(run.counts.read, "ticket")} looked at, none differs.`;
  return <p className="run-note">Both sides agree. {looked}</p>;
}

/** The time that is left, from the pace since this card saw the writing. */
function Left({ run, now }: { run: RunProgress; now: number }) {
  const [since, setSince] = useState<Sample | null>(null);
  if (since === null && run.phase === "write") setSince({ done: run.counts.done, atMs: now });
  const left = run.result === null && run.phase === "write" ? leftMs(since, run.counts.done, run.counts.planned, now) : null;
  return left === null ? null : <p className="second whole">about {span(left)} left</p>;
}

function parts(run: RunProgress) {
  const failed = Math.min(run.counts.failed, run.counts.done);
  return [
    { value: run.counts.done - failed, kind: "ok" as const },
    { value: failed, kind: "bad" as const },
  ];
}

function spoken(run: RunProgress): string {
  if (run.result !== null) return `Run ${run.run} of ${run.connection_name} ended: ${RESULTS[run.result].label}`;
  return `Run ${run.run} of ${run.connection_name}: ${PHASES.find((each) => each.phase === run.phase)?.label ?? ""}`;
}

function RunPill({ run, until }: { run: RunProgress; until: number | null }) {
  if (run.result !== null) {
    const mark = RESULTS[run.result];
    return <Pill tone={mark.tone} icon={mark.icon}>{mark.label}</Pill>;
  }
  if (until !== null) return <Pill tone="warn" icon="clock">Waiting for rate limit until {clock(until)}</Pill>;
  return <span className="pill pill-accent"><Icon name="arc" small turning />Working</span>;
}

function CancelButton({ connection }: { connection: number }) {
  const { act, busy } = useAct("cancel_run");
  return <Button busy={busy} onClick={() => void act({ connection })}>Cancel run</Button>;
}

const SHOWN: [keyof Counts, string][] = [
  ["created", "created"],
  ["updated", "updated"],
  ["closed", "closed"],
  ["linked", "linked"],
  ["failed", "failed"],
  ["skipped", "skipped"],
  ["comments", "comments"],
  ["files", "files"],
  ["conflicts", "conflicts"],
];
const ALWAYS = new Set<keyof Counts>(["created", "updated", "closed", "failed", "skipped"]);

export function CountLine({ counts }: { counts: Counts }) {
  return (
    <ul className="counts" aria-label="Counts">
      {SHOWN.filter(([key]) => ALWAYS.has(key) || counts[key] > 0).map(([key, word]) => (
        <li key={key} className={counts[key] === 0 ? "quiet" : key === "failed" ? "tone-bad" : ""}><strong>{count(counts[key])}</strong> {word}</li>
      ))}
    </ul>
  );
}

/** Goes on with what a cancelled run left, from the same start. */
function ContinueButton({ run, connection }: { run: RunProgress; connection: ConnectionCard }) {
  const starting = useStarting(connection);
  return (
    <>
      {starting.error !== null && <span className="tone-bad" role="alert">{sentence(starting.error.error.message)}</span>}
      <Button icon="sync" busy={starting.busy !== null} refused={starting.refused} onClick={() => void starting.run({ sinceMs: run.since_ms })}>Continue run</Button>
    </>
  );
}

/** Why the run stopped before writing; a person's order is enough for some reasons. */
function Held({ run, connection }: { run: RunProgress; connection: ConnectionCard }) {
  const starting = useStarting(connection);
  const { plan } = run;
  const orderable = run.held.every((reason) => reason.can_order);
  return (
    <div className="run-held" role="group" aria-label="Why it stopped">
      <Icon name="warning" />
      <div>
        <p className="strong">Nothing was written.</p>
        <ul>{run.held.map((reason) => <li key={reason.sentence}>{sentence(reason.sentence)}</li>)}</ul>
        {starting.error !== null && <p className="tone-bad" role="alert">{sentence(starting.error.error.message)}</p>}
      </div>
      {plan !== null && <Button icon="eye" onClick={() => go({ page: "plan", plan })}>Open plan</Button>}
      {orderable && (
        <Button busy={starting.busy !== null} refused={starting.refused} onClick={() => void starting.run({ sinceMs: run.since_ms, confirmed: true })}>Run anyway</Button>
      )}
    </div>
  );
}

function Waits({ run, now }: { run: RunProgress; now: number }) {
  const waits = run.waits.filter((wait) => wait.until_ms > now);
  if (waits.length === 0) return null;
  return (
    <ul className="waits">
      {waits.map((wait) => (
        <li key={wait.host}>
          <p><Icon name="clock" small /><strong>{wait.host}</strong> {wait.reason === "trying again" ? "did not answer, trying again" : "makes Lockstep wait"}<span className="waits-left">{span(wait.until_ms - now)}</span></p>
          <Bar
            label={`Wait for ${wait.host}`} text={span(wait.until_ms - now)} whole={Math.max(1, wait.until_ms - wait.since_ms)}
            parts={[{ value: Math.max(0, Math.min(now, wait.until_ms) - wait.since_ms), kind: "warn" }]}
          />
        </li>
      ))}
    </ul>
  );
}

/** A further run, one line; a click enlarges it. */
export function RunLine({ run, connection, enlarge }: { run: RunProgress; connection: ConnectionCard | null; enlarge: () => void }) {
  const now = useNow(1000);
  const wait = run.waits.find((each) => each.until_ms > now);
  const phase = PHASES.find((each) => each.phase === run.phase)?.label ?? "";
  const far = run.counts.planned > 0 ? ofWhole(run.counts.done, run.counts.planned) : `${count(run.counts.read)} read`;
  return (
    <div className="card run-line">
      <span className={wait ? "tone-warn" : "tone-ok"}>{wait ? <Icon name="clock" /> : <Icon name="arc" turning />}</span>
      {connection !== null && <TilePair small source={connection.source_side} target={connection.target_side} flow={connection.flow} />}
      <strong className="cut">{run.connection_name}</strong>
      <span className="second whole">Run {count(run.run)}</span>
      <span className="second cut">{phase}, {far}{wait ? `, waits for ${wait.host}, ${span(wait.until_ms - now)}` : ""}</span>
      <Button kind="quiet" size="small" className="run-line-end" onClick={enlarge}>Watch run</Button>
    </div>
  );
}
