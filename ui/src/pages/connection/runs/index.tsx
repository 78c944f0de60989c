// The history of one connection: the one of Sync, without the others.
import { Button } from "../../../components/kit";
import { History } from "../../../components/history";
import { go } from "../../../lib/route";
import type { TabProps } from "../tabs";

export function Runs({ connection }: TabProps) {
  return (
    <div className="screen" data-scrolls>
      <History
        title={`Runs of ${connection.name}`} list={[connection]} only={connection}
        begin={<Button onClick={() => go({ page: "sync", connection: connection.id })}>Go to Sync</Button>}
      />
    </div>
  );
}
