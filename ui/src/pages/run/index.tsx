// Run detail: what was written, what failed, and what to do about it (ux.md §10.11).
import { useEffect, useState } from "react";
import type { OutcomeWord } from "../../api/generated/OutcomeWord";
import type { RunPicture } from "../../api/generated/RunPicture";
import { useAct, useQuery } from "../../api/query";
import { CopyMenu } from "../../components/copy-menu";
import { FindBox } from "../../components/find-box";
import { Icon } from "../../components/icons";
import { Button, Pill } from "../../components/kit";
import { Planning } from "../../components/planning";
import { ErrorCard, Moment, Skeleton, TilePair } from "../../components/shapes";
import { count, momentInText, plural, span } from "../../lib/format";
import { useKeys } from "../../lib/keys";
import { usePanes } from "../../lib/panes";
import { go } from "../../lib/route";
import { INTERRUPTED, OUTCOME_ORDER, OUTCOMES, resultMark, startedBy } from "../../lib/words";
import { Header } from "../../shell/header";
import { useLive, useNow } from "../../state/live";
import { useStarting } from "../../state/starting";
import { useToast } from "../../state/toast";
import { asCsv, asText } from "./copying";
import { TicketPanes } from "./panes";
import type { Retry } from "./ticket";
import { useTickets } from "./tickets";
import "./run.css";

const LOOK_MS = 3000;

export function Run({ run: id }: { run: number }) {
  const [outcome, setOutcome] = useState<OutcomeWord | null>(null);
  const [search, setSearch] = useState("");
  usePanes();
  const detail = useQuery("run_detail", { run: id, outcome });
  const { connections, runs } = useLive();
  const { data, reload } = detail;
  const live = runs.find((run) => run.run === id);
  const working = live?.result === null;
  // A run at work is looked at again every few seconds, and once more when it has ended.
  const now = useNow(LOOK_MS);
  const beat = working ? now : 0;
  const ended = live?.result ?? null;
  useEffect(() => {
    if (beat > 0 || ended !== null) reload();
  }, [beat, ended, reload]);
  const connection = connections.data?.connections.find((each) => each.name === data?.run.connection);
  const mark = data?.run.result === null && !working ? INTERRUPTED : resultMark(data?.run.result ?? null);
  const cancelled = data?.run.result === "cancelled";
  const starting = useStarting(connection ?? null);
  const watch = () => go({ page: "sync", connection: connection?.id ?? null });
  const primary = async () => {
    if (starting.working !== null) watch();
    else if (starting.lookFirst) await starting.preview();
    // What a cancelled run left is gone on with from the same start, where that is known.
    else if (await starting.run(cancelled && live !== undefined ? { sinceMs: live.since_ms } : {})) watch();
  };
  const retrying = useAct("retry_tickets");
  const failed = data?.outcomes.find((each) => each.outcome === "failed")?.tickets ?? 0;
  const unready = starting.refused ?? (starting.working !== null ? "A run of this connection is at work. It can be retried when that has ended." : starting.making !== null ? "A plan of this connection is being made." : null);
  /** Failed tickets are read and planned anew, alone, and shown before anything is written. */
  const retry = async (tickets: number[] | null) => {
    if (unready !== null || retrying.busy) return;
    const made = await retrying.act({ run: id, tickets });
    if (made !== null) go({ page: "plan", plan: made.plan });
  };
  useKeys([
    [{ key: "Enter", ctrl: true }, () => void primary()],
    [{ key: "f" }, () => setOutcome((now) => (now === "failed" ? null : "failed"))],
    [{ key: "Escape" }, () => go({ page: "sync", connection: null })],
  ]);
  return (
    <>
      <Header
        title={`Run ${count(id)}`} loading={detail.loading && data !== null}
        before={<Button kind="quiet" className="button-icon" aria-label="Back to Sync" onClick={() => go({ page: "sync", connection: null })}><Icon name="back" /></Button>}
        context={data !== null && (
          <>
            <TilePair source={data.source_side} target={data.target_side} flow={connection?.flow ?? "both"} />
            <span className="cut">{data.run.connection}</span>
            <Pill tone={mark.tone} icon={mark.icon}>{mark.label}</Pill>
            {data.source_side.practice && <Pill tone="accent">Practice</Pill>}
          </>
        )}
      >
        {data !== null && data.tickets.tickets.length > 0 && <FindBox text={search} find={setSearch} />}
        {failed > 0 && <Button icon="undo" busy={retrying.busy} refused={retrying.busy ? null : unready} onClick={() => void retry(null)}>Retry {count(failed)} failed</Button>}
        {data !== null && (
          <Button
            kind="primary" icon={starting.working !== null ? "eye" : "sync"} busy={starting.busy !== null} refused={starting.busy !== null ? null : starting.refused}
            aria-keyshortcuts="Control+Enter" onClick={() => void primary()}
          >
            {starting.working !== null ? "Watch run" : starting.lookFirst ? "Preview first run" : cancelled ? "Continue run" : "Run sync again"}
          </Button>
        )}
      </Header>
      {detail.error && <div className="screen"><ErrorCard title={`Run ${count(id)} could not be read`} error={detail.error} retry={detail.reload} /></div>}
      {data === null && detail.error === null && <Skeleton rows={10} what="the run" />}
      {data !== null && detail.error === null && (
        <>
          {starting.error !== null && <div className="run-error"><ErrorCard title={starting.error.of === "run" ? "The run did not start" : "The plan could not be made"} error={starting.error.error} retry={() => void primary()} /></div>}
          {retrying.error !== null && <div className="run-error"><ErrorCard title="The failed tickets were not planned" error={retrying.error} /></div>}
          {retrying.busy && <p className="run-planning">Planning. <Planning making={starting.making} /> <Button size="small" onClick={starting.stopPlanning}>Stop planning</Button></p>}
          <FactLine detail={data} />
          <Body detail={data} search={search} outcome={outcome} choose={setOutcome} connection={connection?.id ?? null} working={working} retry={{ act: (ordinal) => void retry([ordinal]), busy: retrying.busy, refused: unready }} />
        </>
      )}
    </>
  );
}

function FactLine({ detail: { run } }: { detail: RunPicture }) {
  const now = useNow(30_000);
  const by = STARTED[startedBy(run.kind, run.trigger)] ?? "";
  return (
    <ul className="facts-line" aria-label="Facts">
      <li><strong><Moment ms={run.started_ms}>{capital(momentInText(run.started_ms, now))}</Moment></strong> started {by}</li>
      {run.ended_ms !== null && <li>took <strong>{span(run.ended_ms - run.started_ms)}</strong></li>}
      <li><strong>{count(run.counts.read)}</strong> tickets read</li>
      <li><strong>{count(run.calls)}</strong> API calls</li>
      {run.counts.comments > 0 && <li>{bold(plural(run.counts.comments, "comment"))}</li>}
      {run.counts.files > 0 && <li>{bold(plural(run.counts.files, "file"))}</li>}
      {run.counts.conflicts > 0 && <li className="tone-ask">{bold(plural(run.counts.conflicts, "conflict"))}</li>}
    </ul>
  );
}

const STARTED: Record<string, string> = { You: "by you", Automatic: "automatically", "Command line": "on the command line", Undo: "to undo another run" };

function bold(text: string) {
  const [number, ...words] = text.split(" ");
  return <><strong>{number}</strong> {words.join(" ")}</>;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

interface BodyProps {
  detail: RunPicture;
  search: string;
  outcome: OutcomeWord | null;
  choose: (outcome: OutcomeWord | null) => void;
  connection: number | null;
  working: boolean;
  retry: Retry;
}

function Body({ detail, search, outcome, choose, connection, working, retry }: BodyProps) {
  const list = useTickets(detail, outcome);
  const toast = useToast();
  const all = detail.outcomes.reduce((sum, each) => sum + each.tickets, 0);
  const { error } = detail.run;
  if (error !== null && all === 0) {
    return <div className="screen"><ErrorCard title="The run failed before the first ticket" error={error} /></div>;
  }
  const counts = new Map(detail.outcomes.map((each) => [each.outcome, each.tickets]));
  const chips: [OutcomeWord | null, string, number][] = [[null, "All", all], ...OUTCOME_ORDER.map((word): [OutcomeWord, string, number] => [word, OUTCOMES[word].label, counts.get(word) ?? 0])];
  return (
    <>
      {error !== null && <div className="run-error"><ErrorCard title="The run was broken off" error={error} /></div>}
      <div className="chips" role="group" aria-label="Filter by outcome">
        {chips.map(([word, label, tickets]) => (
          <button
            key={label} type="button" className={word === "failed" && tickets > 0 ? "chip chip-bad" : "chip"} aria-pressed={outcome === word}
            onClick={() => choose(word)}
          >
            {label} <strong>{count(tickets)}</strong>
          </button>
        ))}
        {list.tickets.length > 0 && (
          <CopyMenu
            text={() => asText(detail.run, list.tickets)} csv={() => asCsv(detail.run, list.tickets)} copied={(as) => toast({ text: `The run was copied as ${as}.` })}
            refused={list.complete ? null : "The tickets are still being read."}
          />
        )}
      </div>
      <TicketPanes key={outcome ?? "all"} detail={detail} search={search} outcome={outcome} all={all} list={list} connection={connection} working={working} retry={retry} />
    </>
  );
}
