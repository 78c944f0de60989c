// The facts over the lists: pairs, the last day, what waits, and when the next check is.
import type { ReactNode } from "react";
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import { clock, count, span } from "../../lib/format";

export function Facts({ list, now }: { list: ConnectionCard[]; now: number }) {
  const sum = (pick: (connection: ConnectionCard) => number) => list.reduce((total, connection) => total + pick(connection), 0);
  const changed = sum((connection) => connection.hours.reduce((total, hour) => total + hour.changed, 0));
  const failed = sum((connection) => connection.hours.reduce((total, hour) => total + hour.failed, 0));
  const oldest = list
    .filter((connection) => connection.waiting_since_ms !== null)
    .sort((one, other) => (one.waiting_since_ms ?? 0) - (other.waiting_since_ms ?? 0))[0];
  const next = list.flatMap((connection) => connection.next_ms ?? []).sort((one, other) => one - other)[0];
  return (
    <dl className="card facts">
      <Fact name="Pairs in step" value={count(sum((connection) => connection.links))}>in {list.length === 1 ? "1 connection" : `${list.length} connections`}</Fact>
      <Fact name="Changed in 24 hours" value={count(changed)}>{failed > 0 ? <span className="tone-bad">{count(failed)} failed</span> : "0 failed"}</Fact>
      <Fact name="Oldest change still waiting" value={oldest ? span(now - (oldest.waiting_since_ms ?? now)) : "none"}>{oldest?.name}</Fact>
      <Fact name="Next automatic check" value={next === undefined ? "off" : clock(Math.max(next, now))}>
        {next !== undefined && next > now && `in ${span(next - now)}`}
      </Fact>
    </dl>
  );
}

function Fact({ name, value, children }: { name: string; value: string; children?: ReactNode }) {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd><span className="fact-value">{value}</span> <span className="fact-note cut">{children}</span></dd>
    </div>
  );
}
