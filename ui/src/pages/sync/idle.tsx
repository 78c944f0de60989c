// The right side while nothing runs: what the last run came to, or what the first one will do.
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import { Button } from "../../components/kit";
import { Empty, TilePair } from "../../components/shapes";
import { momentInText, plural } from "../../lib/format";
import { go } from "../../lib/route";
import { resultMark } from "../../lib/words";
import { useTransport } from "../../api/transport";

export function Idle({ connection }: { connection: ConnectionCard }) {
  const now = useTransport().now();
  const last = connection.last_run;
  const pair = <TilePair source={connection.source_side} target={connection.target_side} flow={connection.flow} />;
  if (last === null) {
    return (
      <div className="card idle">
        {pair}
        <Empty title={`${connection.name} has not run yet`}>
          The first run reads both sides, links tickets that match, and creates the ones that are missing. Every ticket it touches is listed here.
        </Empty>
      </div>
    );
  }
  const counts = last.counts;
  const written = [
    counts.created > 0 ? `${plural(counts.created, "ticket")} created` : "",
    counts.updated > 0 ? `${counts.updated} updated` : "",
    counts.closed > 0 ? `${counts.closed} closed` : "",
    counts.failed > 0 ? `${counts.failed} failed` : "",
  ].filter(Boolean);
  const result = last.result === null ? "it was interrupted" : resultMark(last.result).label;
  return (
    <div className="card idle">
      {pair}
      <Empty
        title="No run at work"
        actions={<Button onClick={() => go({ page: "run", run: last.id })}>See the last run</Button>}
      >
        The last run was {momentInText(last.started_ms, now)}: {written.length === 0 ? result : `${result}, ${written.join(", ")}`}. {connection.reason}
      </Empty>
    </div>
  );
}
