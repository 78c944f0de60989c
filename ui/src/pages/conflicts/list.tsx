// The pairs of tickets with a conflict: open ones oldest first, decided ones below until a run carried them out.
import { PickList } from "../../components/pick-list";
import { Moment, TilePair } from "../../components/shapes";
import type { ConflictPair } from "../../lib/conflict";
import { moment } from "../../lib/format";
import { useLive, useNow } from "../../state/live";

interface ListProps {
  pairs: ConflictPair[];
  chosen: string;
  choose: (id: string) => void;
}

export function ConflictList({ pairs, chosen, choose }: ListProps) {
  const groups = [
    { title: "Open, oldest first", pairs: pairs.filter((pair) => !pair.decided) },
    { title: "Decided, waiting for the next run", pairs: pairs.filter((pair) => pair.decided) },
  ];
  return (
    <section className="split-list conflict-list" aria-label="Tickets with conflicts" data-pane data-scrolls>
      {groups.filter((group) => group.pairs.length > 0).map((group) => (
        <div key={group.title}>
          <h2 className="list-head">{group.title}</h2>
          <PickList label={group.title} items={group.pairs} idOf={(pair) => pair.id} chosen={chosen} choose={choose}>
            {(pair) => <Entry pair={pair} />}
          </PickList>
        </div>
      ))}
      <p className="split-foot">Fields that flow one way never conflict. Whether a two-way field asks is set per field in the mapping.</p>
    </section>
  );
}

function Entry({ pair }: { pair: ConflictPair }) {
  const now = useNow(30_000);
  const { connections } = useLive();
  const card = connections.data?.connections.find((one) => one.name === pair.connection);
  const [first] = pair.fields;
  const fields = pair.fields.length === 1 ? (first?.field ?? "") : `${pair.fields.length} fields`;
  return (
    <>
      <span className="pick-line">
        <span className="conflict-pair">{pair.source} ⇄ {pair.target}</span>
        <span className="end"><Moment ms={pair.found_ms}>{moment(pair.found_ms, now)}</Moment></span>
      </span>
      {pair.title !== "" && <span className="cut">{pair.title}</span>}
      <span className="pick-line pick-note">
        {card !== undefined && <TilePair small source={card.source_side} target={card.target_side} flow="both" />}
        <span className="cut">{fields}, {pair.connection}</span>
      </span>
    </>
  );
}
