// How many tickets a filter lets in now, and the newest of them; asked once the filter rests, of the platform itself.
import type { FilterCount } from "../../../api/generated/FilterCount";
import type { FilterOrder } from "../../../api/generated/FilterOrder";
import type { Side } from "../../../api/generated/Side";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { useQuery } from "../../../api/query";
import { useTransport } from "../../../api/transport";
import { Button } from "../../../components/kit";
import { Moment, sentence } from "../../../components/shapes";
import { moment, plural } from "../../../lib/format";
import { useLater } from "../../../lib/later";
import { useReach } from "../../../state/reach";
import type { Names } from "../editing/sides";

const REST_MS = 800;

interface MatchLineProps {
  connection: number;
  mapping: TypeMapping;
  side: Side;
  names: Names;
}

export function MatchLine(props: MatchLineProps) {
  const reach = useReach(props.names.sides[props.side].practice);
  return reach === null ? <Counted {...props} /> : <p className="second" role="status">How many match is not checked. {reach}</p>;
}

function Counted({ connection, mapping, side, names }: MatchLineProps) {
  // Only what the count depends on: other edits of the mapping ask nobody again.
  const { name: type, source, target, filter } = mapping;
  const asked = JSON.stringify({ connection, side, mapping: { name: type, source, target, field: [], ...(filter === undefined ? {} : { filter }) } } satisfies FilterOrder);
  const rested = useLater(asked, REST_MS);
  const { data, error, loading, reload } = useQuery("count_matches", JSON.parse(rested) as FilterOrder);
  const now = useTransport().now();
  const name = names.name(side);
  const counting = asked !== rested || loading;
  return (
    <p className="second">
      <span role="status">{counting || (data === null && error === null) ? `Counting in ${name}.` : error !== null ? `Not counted: ${sentence(error.message)}` : data === null ? "" : told(data, name)}</span>{" "}
      {!counting && error === null && data !== null && <span className="quiet">As of <Moment ms={data.counted_ms}>{moment(data.counted_ms, now)}</Moment>.</span>}{" "}
      <Button kind="quiet" size="small" busy={counting} onClick={reload}>Count again</Button>
    </p>
  );
}

function told({ count, approximate, newest }: FilterCount, platform: string): string {
  const last = newest === null ? "" : `, newest ${newest}`;
  if (count === null) return `${platform} cannot count just these${last}.`;
  const many = `${plural(count, "ticket")} ${count === 1 ? "matches" : "match"} now${last}.`;
  return approximate ? `About ${many} ${platform} gives no exact count.` : many;
}
