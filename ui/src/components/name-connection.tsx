// A name for a connection, or for its copy.
import { type ReactNode, useState } from "react";
import type { ConnectionCard } from "../api/generated/ConnectionCard";
import { useAct } from "../api/query";
import { go } from "../lib/route";
import { useLive } from "../state/live";
import { useToast } from "../state/toast";
import { Dialog } from "./dialog";
import { Button } from "./kit";
import { ErrorCard } from "./shapes";
import { TextField } from "./text-field";

interface NameProps {
  connection: ConnectionCard;
  close: () => void;
}

export function RenameConnection({ connection, close }: NameProps) {
  const { connections } = useLive();
  const { act, busy, error } = useAct("rename_connection");
  const toast = useToast();
  const rename = async (name: string, undoable: boolean) => {
    const before = connection.name;
    if (name !== before || !undoable) {
      if ((await act({ connection: connection.id, name })) === null) return;
      connections.reload();
      const text = undoable ? `${before} is called ${name} now.` : `It is called ${name} again.`;
      toast(undoable ? { text, undo: () => void rename(before, false) } : { text });
    }
    close();
  };
  return (
    <Naming title={`Rename ${connection.name}`} confirm="Rename" start={connection.name} own={connection.name} busy={busy} close={close} done={(name) => void rename(name, true)}>
      {error !== null && <ErrorCard title="The connection was not renamed" error={error} />}
    </Naming>
  );
}

export function DuplicateConnection({ connection, close }: NameProps) {
  const { connections } = useLive();
  const { act, busy, error } = useAct("duplicate_connection");
  const names = (connections.data?.connections ?? []).map((each) => each.name);
  const start = [`${connection.name} copy`, ...names.map((_, at) => `${connection.name} copy ${at + 2}`)].find((name) => !names.includes(name)) ?? "";
  const copy = async (name: string) => {
    const made = await act({ connection: connection.id, name });
    if (made === null) return;
    connections.reload();
    close();
    go({ page: "connection", connection: made.id, tab: "setup" });
  };
  return (
    <Naming title={`Duplicate ${connection.name}`} confirm="Duplicate" start={start} own={null} busy={busy} close={close} done={(name) => void copy(name)}>
      <p className="quiet">The copy has the same setup, mapping and templates. It has no links and no runs, and automatic sync is off.</p>
      {error !== null && <ErrorCard title="The connection was not copied" error={error} />}
    </Naming>
  );
}

interface NamingProps {
  title: string;
  confirm: string;
  start: string;
  /** The name it has already, which it may keep. */
  own: string | null;
  busy: boolean;
  close: () => void;
  done: (name: string) => void;
  children: ReactNode;
}

function Naming({ title, confirm, start, own, busy, close, done, children }: NamingProps) {
  const { connections } = useLive();
  const [typed, setTyped] = useState(start);
  const name = typed.trim();
  const taken = (connections.data?.connections ?? []).some((each) => each.name === name && each.name !== own);
  const problem = name === "" ? "Write a name." : taken ? "There is a connection of this name already." : null;
  const end = () => {
    if (problem === null && !busy) done(name);
  };
  return (
    <Dialog title={title} close={close} foot={<><Button onClick={close}>Cancel</Button><Button kind="primary" busy={busy} refused={problem} onClick={end}>{confirm}</Button></>}>
      <TextField
        data-first label="Name" required value={typed} change={setTyped} problem={problem}
        onKeyDown={(event) => {
          if (event.key === "Enter") end();
        }}
      />
      {children}
    </Dialog>
  );
}
