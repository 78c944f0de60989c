// Conflicts: fields changed on both sides, decided once with the result in sight (ux.md §10.13).
import { useEffect, useState } from "react";
import { useQuery } from "../../api/query";
import { FindBox, holds } from "../../components/find-box";
import { Button, Pill, Select } from "../../components/kit";
import { NextRun } from "../../components/next-run";
import { useWalk } from "../../components/pick-list";
import { Empty, ErrorCard, Skeleton } from "../../components/shapes";
import { type Choices, type ConflictPair, paired } from "../../lib/conflict";
import { count, plural } from "../../lib/format";
import { useKept } from "../../lib/kept";
import { usePanes } from "../../lib/panes";
import { Header } from "../../shell/header";
import { useLive } from "../../state/live";
import { useToast } from "../../state/toast";
import { DecideAll } from "./decide-all";
import { ConflictDetail } from "./detail";
import { ConflictList } from "./list";
import "./conflicts.css";

/** `ticket` is the key of a ticket that is looked for; until another filter is chosen all connections are shown. */
export function Conflicts({ ticket }: { ticket: string | null }) {
  const { connections, ended } = useLive();
  const cards = connections.data?.connections ?? [];
  const [kept, keep] = useKept("conflicts", { connection: "all" });
  const [looking, setLooking] = useState(ticket !== null);
  const only = looking ? null : (cards.find((card) => String(card.id) === kept.connection)?.id ?? null);
  const filter = (connection: string) => {
    setLooking(false);
    keep({ connection });
  };
  const { data, error, loading, reload } = useQuery("list_conflicts", { connection: only });
  useEffect(() => {
    if (ended > 0) reload();
  }, [ended, reload]);
  const [search, setSearch] = useState("");
  usePanes();
  const every = paired(data ?? []);
  const pairs = every.filter((pair) => holds(search, pair.source, pair.target, pair.title, ...pair.fields.map((field) => field.field)));
  const open = every.filter((pair) => !pair.decided).length;
  const shown = pairs.filter((pair) => !pair.decided).length;
  const toast = useToast();
  const [deciding, setDeciding] = useState(false);
  const shut = () => setDeciding(false);
  const decided = (fields: number) => {
    shut();
    connections.reload();
    toast({ text: `${plural(fields, "field")} decided. The next run writes ${fields === 1 ? "it" : "them"}.` });
  };
  return (
    <>
      <Header
        title="Conflicts" loading={loading && data !== null}
        context={<>{open > 0 && <Pill tone="ask">{count(open)}<span className="hidden-text"> open</span></Pill>}<span className="cut">Only these fields wait. Everything else on these tickets keeps syncing.</span></>}
      >
        {cards.length > 1 && (
          <Select
            labelHidden label="Connection" value={only === null ? "all" : String(only)} change={filter}
            options={[{ value: "all", label: "All connections" }, ...cards.map((card) => ({ value: String(card.id), label: card.name }))]}
          />
        )}
        {every.length > 0 && <FindBox text={search} find={setSearch} />}
        {pairs.length > 0 && <Button refused={shown === 0 ? "Everything is decided." : null} onClick={() => setDeciding(true)}>Decide all with…</Button>}
      </Header>
      {error !== null && <div className="screen"><ErrorCard level={2} title="The conflicts could not be read" error={error} retry={reload} /></div>}
      {data === null && error === null && <Skeleton rows={8} what="conflicts" />}
      {error === null && data?.length === 0 && (
        <div className="screen">
          <Empty level={2} title="No conflicts">{only === null ? "Fields that flow one way never conflict." : "None in this connection. Fields that flow one way never conflict."}</Empty>
        </div>
      )}
      {error === null && every.length > 0 && pairs.length === 0 && (
        <div className="screen"><Empty level={2} title="No conflict is like that" actions={<Button onClick={() => setSearch("")}>Show all</Button>}>Nothing here is called “{search.trim()}”.</Empty></div>
      )}
      {error === null && pairs.length > 0 && <Panes pairs={pairs} ticket={ticket} reload={reload} />}
      {deciding && <DecideAll pairs={pairs} cards={cards.filter((card) => pairs.some((pair) => pair.connection === card.name))} close={shut} done={decided} reload={reload} />}
    </>
  );
}

function Panes({ pairs, ticket, reload }: { pairs: ConflictPair[]; ticket: string | null; reload: () => void }) {
  const [chosen, setChosen] = useState(() => pairs.find((one) => one.source === ticket || one.target === ticket)?.id ?? null);
  const [choices, setChoices] = useState<Choices>(new Map());
  const pair = pairs.find((one) => one.id === chosen) ?? pairs[0];
  const ids = pairs.map((one) => one.id);
  useWalk(ids, pair?.id ?? null, setChosen);
  if (pair === undefined) return null;
  const step = (by: number) => setChosen(ids[Math.max(0, Math.min(ids.length - 1, ids.indexOf(pair.id) + by))] ?? null);
  const later = () => {
    const fields = new Set(pair.fields.map((field) => field.id));
    setChoices(new Map([...choices].filter(([id]) => !fields.has(id))));
    step(1);
  };
  return (
    <>
      <Decided pairs={pairs} shown={pair} />
      <div className="split">
        <ConflictList pairs={pairs} chosen={pair.id} choose={setChosen} />
        <ConflictDetail key={pair.id} pair={pair} choices={choices} setChoices={setChoices} step={step} later={later} reload={reload} />
      </div>
    </>
  );
}

/** What was decided waits for a run: of the connection that is looked at, else of the first that has any. */
function Decided({ pairs, shown }: { pairs: ConflictPair[]; shown: ConflictPair }) {
  const { connections } = useLive();
  const decided = pairs.flatMap((pair) => pair.fields.filter((field) => field.decided !== null));
  const of = decided.some((field) => field.connection === shown.connection) ? shown.connection : decided[0]?.connection;
  const card = connections.data?.connections.find((one) => one.name === of);
  if (card === undefined) return null;
  const fields = decided.filter((field) => field.connection === of).length;
  return <NextRun key={card.id} connection={card}><strong>{plural(fields, "field")}</strong> of {card.name} decided. Written by the next run.</NextRun>;
}
