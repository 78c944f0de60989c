// Deleting a connection: what stops is said, its name is typed, and both platforms keep their tickets (ux.md §5).
import { useState } from "react";
import type { ConnectionCard } from "../api/generated/ConnectionCard";
import { useAct } from "../api/query";
import { plural } from "../lib/format";
import { useExporting } from "../state/exporting";
import { useLive } from "../state/live";
import { useToast } from "../state/toast";
import { Dialog } from "./dialog";
import { Button } from "./kit";
import { ErrorCard } from "./shapes";
import { TextField } from "./text-field";

interface DeleteProps {
  connection: ConnectionCard;
  close: () => void;
  /** It is gone: a screen that shows it goes elsewhere. */
  done?: () => void;
}

export function DeleteConnection({ connection, close, done }: DeleteProps) {
  const { connections, runs } = useLive();
  const { act, busy, error } = useAct("remove_connection");
  const restore = useAct("restore_connection");
  const exporting = useExporting();
  const toast = useToast();
  const [typed, setTyped] = useState("");
  const { name, links, pending, automatic } = connection;
  const working = runs.some((run) => run.connection === connection.id && run.result === null);
  const refused = working ? "A run of it is at work. Cancel it, or wait for its end." : typed.trim() === name ? null : `Type ${name} first.`;
  const bringBack = async () => {
    if ((await restore.act({ connection: connection.id })) !== null) connections.reload();
  };
  const remove = async () => {
    const left = await act({ connection: connection.id });
    if (left === null) return;
    connections.put(left);
    toast({ text: `${name} is deleted. The tickets stay as they are; Settings, Backup brings it back for 30 days.`, undo: () => void bringBack() });
    close();
    done?.();
  };
  const stops = [
    ...(automatic ? ["Automatic sync"] : []),
    ...(links > 0 ? [`Copying between ${plural(links, "pair")} of tickets`] : []),
    ...(pending > 0 ? [`${plural(pending, "change")} that ${pending === 1 ? "waits" : "wait"} and will not be written`] : []),
  ];
  return (
    <Dialog
      title={`Delete ${name}?`} close={close}
      foot={<><Button data-first="" onClick={close}>Keep connection</Button><Button busy={exporting.busy} onClick={() => void exporting.write(connection.id)}>Export first</Button><Button danger busy={busy} refused={refused} onClick={() => void remove()}>Delete connection</Button></>}
    >
      {stops.length > 0 && <div><p>This stops:</p><ul className="plain-list">{stops.map((what) => <li key={what}>{what}</li>)}</ul></div>}
      <p>Both platforms keep their tickets as they are. The accounts stay, and so does the history of runs.</p>
      {working && <p className="tone-bad">A run of it is at work.</p>}
      <TextField label={`Type “${name}” to delete it`} value={typed} change={setTyped} />
      {exporting.error !== null && <ErrorCard title="The connection was not exported" error={exporting.error} />}
      {error !== null && <ErrorCard title="The connection was not deleted" error={error} />}
    </Dialog>
  );
}
