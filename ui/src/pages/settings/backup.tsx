// Backup: a copy of the store now, and connections that were deleted and can still be brought back.
import type { RemovedConnection } from "../../api/generated/RemovedConnection";
import { useAct, useQuery } from "../../api/query";
import { useTransport } from "../../api/transport";
import { Button } from "../../components/kit";
import { ErrorCard, Moment, sentence } from "../../components/shapes";
import { bytes, moment } from "../../lib/format";
import { useLive } from "../../state/live";
import { useToast } from "../../state/toast";
import { Row, Section } from "./parts";

const NOTHING = {};

export function Backup() {
  const toast = useToast();
  const { act, busy, error } = useAct("back_up");
  const backUp = async () => {
    const written = await act(NOTHING);
    if (written !== null && written.file !== null) toast({ text: `${written.file} is written, ${bytes(written.bytes)}.` });
  };
  return (
    <Section title="Backup">
      {error !== null && <ErrorCard title="The backup was not made" error={error} retry={() => void backUp()} />}
      <Row label="Copy of the store" note="Links, history, accounts and connections, encrypted like the store itself. Sign-ins stay in the keychain.">
        <Button busy={busy} onClick={() => void backUp()}>Back up now</Button>
      </Row>
      <Removed />
    </Section>
  );
}

function Removed() {
  const removed = useQuery("removed_connections", NOTHING);
  if (removed.error !== null && removed.data === null) return <ErrorCard title="The deleted connections could not be read" error={removed.error} retry={removed.reload} />;
  return (removed.data ?? []).map((connection) => <RemovedRow key={connection.id} connection={connection} answered={removed.put} />);
}

function RemovedRow({ connection, answered }: { connection: RemovedConnection; answered: (left: RemovedConnection[]) => void }) {
  const now = useTransport().now();
  const toast = useToast();
  const { connections } = useLive();
  const { act, busy, error } = useAct("restore_connection");
  const restore = async () => {
    const left = await act({ connection: connection.id });
    if (left === null) return;
    answered(left);
    connections.reload();
    toast({ text: `${connection.name} is back. Automatic sync of it is off.` });
  };
  return (
    <div className="settings-row">
      <div>
        <p>{connection.name}</p>
        <p className="settings-note">Deleted <Moment ms={connection.removed_ms}>{moment(connection.removed_ms, now)}</Moment>, kept until <Moment ms={connection.kept_until_ms}>{moment(connection.kept_until_ms, now)}</Moment>.</p>
        {error !== null && <p className="tone-bad" role="alert">{sentence(error.message)}</p>}
      </div>
      <Button busy={busy} aria-label={`Bring ${connection.name} back`} onClick={() => void restore()}>Bring back</Button>
    </div>
  );
}
