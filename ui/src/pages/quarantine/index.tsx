// Quarantine: tickets that cannot succeed until something is mended, by cause (ux.md §10.14).
import { useEffect, useState } from "react";
import type { QuarantineGroup } from "../../api/generated/QuarantineGroup";
import { useAct, useQuery } from "../../api/query";
import { Pill, Select } from "../../components/kit";
import { useWalk } from "../../components/pick-list";
import { Empty, ErrorCard, Skeleton } from "../../components/shapes";
import { count, plural } from "../../lib/format";
import { useKept } from "../../lib/kept";
import { Header } from "../../shell/header";
import { useLive } from "../../state/live";
import { useToast } from "../../state/toast";
import { QuarantineDetail } from "./detail";
import { QuarantineList } from "./list";
import "./quarantine.css";

export function Quarantine() {
  const { connections, ended } = useLive();
  const cards = connections.data?.connections ?? [];
  const [kept, keep] = useKept("quarantine", { connection: "all" });
  const only = cards.find((card) => String(card.id) === kept.connection)?.id ?? null;
  const { data, error, loading, reload } = useQuery("list_quarantine", { connection: only });
  useEffect(() => {
    if (ended > 0) reload();
  }, [ended, reload]);
  const tickets = (data ?? []).reduce((sum, group) => sum + group.tickets.length, 0);
  return (
    <>
      <Header
        title="Quarantine" loading={loading && data !== null}
        context={<>{tickets > 0 && <Pill tone="bad">{count(tickets)}<span className="hidden-text"> tickets</span></Pill>}<span className="cut">These tickets wait until something is mended. Nothing of them is lost.</span></>}
      >
        {cards.length > 1 && (
          <Select
            labelHidden label="Connection" value={only === null ? "all" : String(only)} change={(connection) => keep({ connection })}
            options={[{ value: "all", label: "All connections" }, ...cards.map((card) => ({ value: String(card.id), label: card.name }))]}
          />
        )}
      </Header>
      {error !== null && <div className="screen"><ErrorCard level={2} title="The quarantine could not be read" error={error} retry={reload} /></div>}
      {data === null && error === null && <Skeleton rows={8} what="the quarantine" />}
      {error === null && data !== null && tickets === 0 && (
        <div className="screen"><Empty level={2} title="Nothing in quarantine">{only === null ? "A ticket comes here when trying again would fail the same way." : "None of this connection. A ticket comes here when trying again would fail the same way."}</Empty></div>
      )}
      {error === null && data !== null && tickets > 0 && <Panes groups={data} reload={reload} />}
    </>
  );
}

function Panes({ groups, reload }: { groups: QuarantineGroup[]; reload: () => void }) {
  const { connections } = useLive();
  const toast = useToast();
  const { act, busy, error } = useAct("retry_quarantined");
  const [chosen, setChosen] = useState<string | null>(null);
  const all = groups.flatMap((group) => group.tickets.map((ticket) => ({ group, ticket, id: String(ticket.id) })));
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
