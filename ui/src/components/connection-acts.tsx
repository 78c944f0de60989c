// What can be done with a connection as a whole: renamed, copied, written to a file, deleted. Overview and Status offer the same.
import { type ReactNode, useState } from "react";
import type { ConnectionCard } from "../api/generated/ConnectionCard";
import { useExporting } from "../state/exporting";
import { DeleteConnection } from "./delete-connection";
import { Button } from "./kit";
import type { MenuItem } from "./menu";
import { DuplicateConnection, RenameConnection } from "./name-connection";
import { ErrorCard } from "./shapes";

interface ConnectionActs {
  rename: MenuItem;
  duplicate: MenuItem;
  write: MenuItem;
  remove: MenuItem;
  /** The dialog that is open. */
  layer: ReactNode;
  failed: ReactNode;
}

export function useConnectionActs(connection: ConnectionCard, gone?: () => void): ConnectionActs {
  const [layer, show] = useState<"rename" | "duplicate" | "delete" | null>(null);
  const exporting = useExporting();
  const close = () => show(null);
  const open = layer === "rename" ? <RenameConnection connection={connection} close={close} />
    : layer === "duplicate" ? <DuplicateConnection connection={connection} close={close} />
    : layer === "delete" ? <DeleteConnection connection={connection} close={close} {...(gone === undefined ? {} : { done: gone })} />
    : null;
  return {
    rename: { label: "Rename…", act: () => show("rename") },
    duplicate: { label: "Duplicate…", act: () => show("duplicate") },
    write: { label: "Export…", act: () => void exporting.write(connection.id) },
    remove: { label: "Delete…", act: () => show("delete"), danger: true },
    layer: open,
    failed: exporting.error === null ? null : (
      <ErrorCard title={`${connection.name} was not exported`} error={exporting.error}><Button kind="quiet" onClick={exporting.forget}>Close</Button></ErrorCard>
    ),
  };
}
