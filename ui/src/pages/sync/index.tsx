// Sync: run, watch, look back (ux.md §10.9).
import { useMemo } from "react";
import { History } from "../../components/history";
import { Button } from "../../components/kit";
import { Empty, ErrorCard, Skeleton } from "../../components/shapes";
import { plural } from "../../lib/format";
import { go } from "../../lib/route";
import { severity } from "../../lib/words";
import { Header } from "../../shell/header";
import { useLive } from "../../state/live";
import { Idle } from "./idle";
import { Orders } from "./orders";
import { RunCard, RunLine } from "./run-card";
import "./sync.css";

export function Sync({ connection: asked }: { connection: number | null }) {
  const { connections, runs } = useLive();
  const list = useMemo(() => connections.data?.connections ?? [], [connections.data]);
  const worst = useMemo(() => [...list].sort((one, other) => severity(one.state) - severity(other.state))[0], [list]);
  const wanted = asked ?? runs.filter((run) => run.result === null).at(-1)?.connection;
  const connection = list.find((each) => each.id === wanted) ?? worst ?? null;
  const atWork = runs.filter((run) => run.result === null);
  const shown = runs.find((run) => run.connection === connection?.id) ?? null;
  const others = atWork.filter((run) => run !== shown);
  const choose = (id: number) => go({ page: "sync", connection: id });

  return (
    <>
      <Header
        title="Sync" loading={connections.loading && connections.data !== null}
        context={<>
          <span>{atWork.length === 0 ? "No run at work" : `${plural(atWork.length, "run")} in progress`}</span>
          {connection?.source_side.practice === true && <span className="pill pill-accent">Practice</span>}
        </>}
      />
      <div className="screen sync" data-scrolls>
        {connections.error && <ErrorCard title="The connections could not be read" error={connections.error} retry={connections.reload} />}
        {connections.data === null && connections.error === null && <div className="card"><Skeleton rows={6} what="connections" /></div>}
        {connection !== null && (
          <div className="sync-work">
            <Orders list={list} connection={connection} choose={choose} running={shown?.result === null ? shown : null} />
            <div className="sync-right">
              {shown !== null ? <RunCard key={shown.run} run={shown} connection={connection} /> : <Idle connection={connection} />}
              {others.map((run) => <RunLine key={run.run} run={run} connection={list.find((each) => each.id === run.connection) ?? null} enlarge={() => choose(run.connection)} />)}
            </div>
          </div>
        )}
        {connection !== null && <History title="History" list={list} asked={asked} />}
        {connections.data !== null && connection === null && (
          <div className="card">
            <Empty title="Nothing to sync yet" level={2} actions={<Button onClick={() => go({ page: "overview" })}>Open Overview</Button>}>
              A connection says which two accounts are kept in step. Make one on Overview.
            </Empty>
          </div>
        )}
      </div>
    </>
  );
}
