// Quarantine: tickets that cannot succeed until something is mended, by cause (ux.md §10.14).
import { useEffect, useState } from "react";
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import type { QuarantineGroup } from "../../api/generated/QuarantineGroup";
import { useAct, useQuery } from "../../api/query";
import { useTransport } from "../../api/transport";
import { FindBox, holds } from "../../components/find-box";
import { Button, Pill, Select } from "../../components/kit";
import { NextRun } from "../../components/next-run";
import { useWalk } from "../../components/pick-list";
import { Empty, ErrorCard, Skeleton } from "../../components/shapes";
import { count, plural } from "../../lib/format";
import { useKept } from "../../lib/kept";
import { usePanes } from "../../lib/panes";
import { Header } from "../../shell/header";
import { useLive } from "../../state/live";
import { useToast } from "../../state/toast";
import { QuarantineDetail } from "./detail";
import { QuarantineList } from "./list";
import "./quarantine.css";

/** `ticket` is the key of a ticket that is looked for; until another filter is chosen all connections are shown. */
export function Quarantine({ ticket }: { ticket: string | null }) {
  const { connections, ended } = useLive();
  const cards = connections.data?.connections ?? [];
  const [kept, keep] = useKept("quarantine", { connection: "all" });
  const [looking, setLooking] = useState(ticket !== null);
  const only = looking ? null : (cards.find((card) => String(card.id) === kept.connection)?.id ?? null);
  const filter = (connection: string) => {
    setLooking(false);
    keep({ connection });
  };
  const { data, error, loading, reload } = useQuery("list_quarantine", { connection: only });
  useEffect(() => {
    if (ended > 0) reload();
  }, [ended, reload]);
  const [released, setReleased] = useState<Released[]>([]);
  const [search, setSearch] = useState("");
  usePanes();
  const tickets = (data ?? []).reduce((sum, group) => sum + group.tickets.length, 0);
  const found = (data ?? [])
    .map((group) => ({ ...group, tickets: group.tickets.filter((one) => holds(search, one.ticket, one.partner, one.title, group.message)) }))
    .filter((group) => group.tickets.length > 0);
  return (
    <>
      <Header
        title="Quarantine" loading={loading && data !== null}
        context={<>{tickets > 0 && <Pill tone="bad">{count(tickets)}<span className="hidden-text"> tickets</span></Pill>}<span className="cut">These tickets wait until something is mended. Nothing of them is lost.</span></>}
      >
        {cards.length > 1 && (
          <Select
            labelHidden label="Connection" value={only === null ? "all" : String(only)} change={filter}
            options={[{ value: "all", label: "All connections" }, ...cards.map((card) => ({ value: String(card.id), label: card.name }))]}
          />
        )}
        {tickets > 0 && <FindBox text={search} find={setSearch} />}
      </Header>
      {error !== null && <div className="screen"><ErrorCard level={2} title="The quarantine could not be read" error={error} retry={reload} /></div>}
      {data === null && error === null && <Skeleton rows={8} what="the quarantine" />}
      <Waiting released={released} cards={cards} />
      {error === null && data !== null && tickets === 0 && (
        <div className="screen"><Empty level={2} title="Nothing in quarantine">{only === null ? "A ticket comes here when trying again would fail the same way." : "None of this connection. A ticket comes here when trying again would fail the same way."}</Empty></div>
      )}
      {error === null && tickets > 0 && found.length === 0 && (
        <div className="screen"><Empty level={2} title="No ticket is like that" actions={<Button onClick={() => setSearch("")}>Show all</Button>}>Nothing here is called “{search.trim()}”.</Empty></div>
      )}
      {error === null && found.length > 0 && <Panes groups={found} ticket={ticket} reload={reload} tell={(more) => setReleased((had) => [...had, ...more])} />}
    </>
  );
}

/** A ticket let go: the next run tries it again. */
interface Released {
  connection: string;
  atMs: number;
}

/** What was let go here and no run has taken up yet. */
function Waiting({ released, cards }: { released: Released[]; cards: ConnectionCard[] }) {
  return cards.map((card) => {
    const waiting = released.filter((one) => one.connection === card.name && (card.last_run === null || card.last_run.started_ms < one.atMs)).length;
    return waiting > 0 && <NextRun key={card.id} connection={card}>The next run of {card.name} tries <strong>{plural(waiting, "ticket")}</strong> again.</NextRun>;
  });
}

interface PanesProps {
  groups: QuarantineGroup[];
  ticket: string | null;
  reload: () => void;
  tell: (released: Released[]) => void;
}

function Panes({ groups, ticket, reload, tell }: PanesProps) {
  const { connections } = useLive();
  const transport = useTransport();
  const toast = useToast();
  const { act, busy, error } = useAct("retry_quarantined");
  const all = groups.flatMap((group) => group.tickets.map((one) => ({ group, ticket: one, id: String(one.id) })));
  const [chosen, setChosen] = useState(() => all.find((entry) => entry.ticket.ticket === ticket)?.id ?? null);
  // When the chosen ticket leaves the list, the one that took its place is shown.
  const [place, setPlace] = useState(0);
  const here = all.find((entry) => entry.id === chosen) ?? all[Math.min(place, all.length - 1)];
  const choose = (id: string) => {
    setChosen(id);
    setPlace(all.findIndex((entry) => entry.id === id));
  };
  useWalk(all.map((entry) => entry.id), here?.id ?? null, choose);
  const changed = () => {
    reload();
    connections.reload();
  };
  const retry = async (tickets: number[]) => {
    if ((await act({ tickets })) === null) return;
    tell(all.filter((entry) => tickets.includes(entry.ticket.id)).map((entry) => ({ connection: entry.ticket.connection, atMs: transport.now() })));
    toast({ text: `The next run tries ${plural(tickets.length, "ticket")} again.` });
    changed();
  };
  if (here === undefined) return null;
  return (
    <div className="split split-wide">
      <QuarantineList groups={groups} chosen={here.id} choose={choose} retry={(tickets) => void retry(tickets)} busy={busy} />
      <QuarantineDetail key={here.id} group={here.group} ticket={here.ticket} retry={() => void retry([here.ticket.id])} busy={busy} error={error} changed={changed} />
    </div>
  );
}
