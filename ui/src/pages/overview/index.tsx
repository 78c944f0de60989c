// Overview: in five seconds, what needs me (ux.md §10.3).
import { useState } from "react";
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import { Button } from "../../components/kit";
import { Empty, ErrorCard, Skeleton } from "../../components/shapes";
import { moment, plural } from "../../lib/format";
import { go } from "../../lib/route";
import { severity, STATES } from "../../lib/words";
import { Header } from "../../shell/header";
import { useLive, useNow } from "../../state/live";
import { NewConnection } from "./new-connection";
import { ConnectionTable } from "./table";
import { Facts } from "./facts";
import "./overview.css";

export function Overview() {
  const { connections } = useLive();
  const now = useNow(30_000);
  const [making, setMaking] = useState(false);
  const list = connections.data?.connections ?? null;
  const practice = list !== null && list.length > 0 && list.every((connection) => connection.source_side.practice);
  return (
    <>
      <Header
        title="Overview" loading={connections.loading && list !== null}
        context={<>{list !== null && <span>{plural(list.length, "connection")}</span>}{practice && <span className="pill pill-accent">Practice</span>}</>}
      >
        <Button icon="sync" onClick={() => go({ page: "sync", connection: null })}>Open Sync</Button>
        <Button kind="primary" icon="plus" onClick={() => setMaking(true)}>New connection</Button>
      </Header>
      {making && <NewConnection close={() => setMaking(false)} />}
      <div className="screen overview">
        {connections.error && <ErrorCard title="The connections could not be read" error={connections.error} retry={connections.reload} />}
        {list === null && connections.error === null && <div className="card"><Skeleton rows={4} what="connections" /></div>}
        {list?.length === 0 && <div className="card"><Empty title="No connections yet" actions={<Button onClick={() => setMaking(true)}>New connection</Button>}>A connection keeps two accounts in step under one name.</Empty></div>}
        {list !== null && list.length > 0 && <Groups list={list} now={now} />}
      </div>
    </>
  );
}

function Groups({ list, now }: { list: ConnectionCard[]; now: number }) {
  const sorted = [...list].sort((one, other) => severity(one.state) - severity(other.state) || one.name.localeCompare(other.name));
  const needing = sorted.filter((connection) => STATES[connection.state].needsYou);
  const rest = sorted.filter((connection) => !STATES[connection.state].needsYou);
  const last = Math.max(0, ...list.map((connection) => connection.last_run?.started_ms ?? 0));
  return (
    <>
      <Facts list={list} now={now} />
      {needing.length > 0 ? (
        <ConnectionTable title="Needs you" tone="bad" list={needing} now={now} />
      ) : (
        <p className="overview-fine">Nothing needs you.{last > 0 && ` Last check ${moment(last, now)}.`}</p>
      )}
      {rest.length > 0 && <ConnectionTable title="In step" tone="plain" list={rest} now={now} />}
    </>
  );
}
