// Overview: in five seconds, what needs me (ux.md §10.3).
import { useState } from "react";
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import { Icon } from "../../components/icons";
import { Banner, Button } from "../../components/kit";
import { Empty, ErrorCard, Skeleton } from "../../components/shapes";
import { moment, plural } from "../../lib/format";
import { useKeys } from "../../lib/keys";
import { go } from "../../lib/route";
import { severity, STATES } from "../../lib/words";
import { Header } from "../../shell/header";
import { useLive, useNow } from "../../state/live";
import { usePause } from "../../state/pause";
import { NewConnection } from "./new-connection";
import { ConnectionTable } from "./table";
import { Facts } from "./facts";
import "./overview.css";

export function Overview({ make }: { make: boolean }) {
  const { connections } = useLive();
  const now = useNow(30_000);
  const [making, setMaking] = useState(false);
  const shut = () => {
    setMaking(false);
    if (make) go({ page: "overview" });
  };
  useKeys([[{ key: "Enter", ctrl: true }, () => setMaking(true)]]);
  const [typed, setTyped] = useState("");
  const list = connections.data?.connections ?? null;
  const practice = list !== null && list.length > 0 && list.every((connection) => connection.source_side.practice);
  return (
    <>
      <Header
        title="Overview" loading={connections.loading && list !== null}
        context={<>{list !== null && <span>{plural(list.length, "connection")}</span>}{practice && <span className="pill pill-accent">Practice</span>}</>}
      >
        {list !== null && list.length > 0 && <Find typed={typed} type={setTyped} />}
        <Button kind="primary" icon="plus" onClick={() => setMaking(true)}>New connection</Button>
      </Header>
      {(making || make) && <NewConnection close={shut} />}
      <div className="screen overview">
        {connections.error && <ErrorCard title="The connections could not be read" error={connections.error} retry={connections.reload} />}
        {list === null && connections.error === null && <div className="card"><Skeleton rows={4} what="connections" /></div>}
        {list?.length === 0 && <div className="card"><Empty title="No connections yet" actions={<Button onClick={() => setMaking(true)}>New connection</Button>}>A connection keeps two accounts in step under one name.</Empty></div>}
        {list !== null && list.length > 0 && <Groups list={list} typed={typed} now={now} clear={() => setTyped("")} />}
      </div>
    </>
  );
}

function Find({ typed, type }: { typed: string; type: (text: string) => void }) {
  return (
    <label className="overview-find">
      <span className="hidden-text">Filter connections</span>
      <Icon name="search" />
      <input
        type="search" placeholder="Filter connections" value={typed} onChange={(event) => type(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") type("");
        }}
      />
    </label>
  );
}

/** Every word stands in the name, an account or the state. */
function fitting(list: ConnectionCard[], typed: string): ConnectionCard[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return list.filter((connection) => {
    const text = [connection.name, connection.source, connection.target, connection.source_side.label, connection.target_side.label, STATES[connection.state].label].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

interface GroupsProps {
  list: ConnectionCard[];
  typed: string;
  now: number;
  clear: () => void;
}

function Groups({ list, typed, now, clear }: GroupsProps) {
  const pause = usePause();
  const waiting = (connection: ConnectionCard) => connection.waiting_since_ms ?? Number.MAX_SAFE_INTEGER;
  const sorted = fitting(list, typed).sort((one, other) => severity(one.state) - severity(other.state) || waiting(one) - waiting(other) || one.name.localeCompare(other.name));
  const needing = sorted.filter((connection) => STATES[connection.state].needsYou);
  const rest = sorted.filter((connection) => !STATES[connection.state].needsYou);
  const last = Math.max(0, ...list.map((connection) => connection.last_run?.started_ms ?? 0));
  const calm = !list.some((connection) => STATES[connection.state].needsYou);
  return (
    <>
      <Facts list={list} now={now} />
      {pause.paused && <Banner tone="warn" title="All connections are paused." action={<Button busy={pause.busy} onClick={pause.resume}>Resume</Button>}>Changes wait, none is lost.</Banner>}
      <p className="hidden-text" role="status">{typed === "" ? "" : `${plural(sorted.length, "connection")} found`}</p>
      {sorted.length === 0 && <div className="card"><Empty title={`No connection fits “${typed.trim()}”`} actions={<Button onClick={clear}>Show all</Button>}>Names, accounts, platforms and states are looked through.</Empty></div>}
      {needing.length > 0 && <ConnectionTable title="Needs you" tone="bad" list={needing} now={now} />}
      {calm && sorted.length > 0 && <p className="overview-fine">Nothing needs you.{last > 0 && ` Last check ${moment(last, now)}.`}</p>}
      {rest.length > 0 && <ConnectionTable title="In step" tone="plain" list={rest} now={now} />}
    </>
  );
}
