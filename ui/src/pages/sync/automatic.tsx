// Automatic sync of a connection: the switch and what it needs.
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import { useAutomatic } from "../../components/automatic";
import { Needs } from "../../components/needs";
import { sentence } from "../../components/shapes";
import { span } from "../../lib/format";

interface AutomaticProps {
  connection: ConnectionCard;
  /** Plans instead, so that a person sees what waits. */
  look: () => void;
}

export function AutomaticCard({ connection, look }: AutomaticProps) {
  const { control, error } = useAutomatic(connection, look);
  const ready = connection.prerequisites.every((prerequisite) => prerequisite.holds);
  const every = `every ${span(connection.interval_seconds * 1000)}`;
  return (
    <div className="orders-automatic">
      <div className="orders-switch"><h3>Automatic sync</h3>{control}</div>
      <p className="second">{connection.automatic ? `Runs ${every}.` : ready ? `Runs ${every} once it is on. Everything it needs is in place:` : `Runs ${every} once it has what it needs:`}</p>
      <Needs connection={connection} here="sync" />
      {error && <p className="tone-bad" role="alert">{sentence(error.message)}</p>}
    </div>
  );
}
