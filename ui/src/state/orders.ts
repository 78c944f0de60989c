// What Preview and Run sync mean where no start can be chosen: on Overview, on Status and in the head of a connection.
import type { ApiError } from "../api/generated/ApiError";
import type { ConnectionCard } from "../api/generated/ConnectionCard";
import type { RunProgress } from "../api/generated/RunProgress";
import { go } from "../lib/route";
import { useStarting } from "./starting";
import { useToast } from "./toast";

export interface Orders {
  /** The run at work; a second one of the same connection cannot start. */
  working: RunProgress | null;
  /** The plan being made, here or on another screen, as far as it is told. */
  making: RunProgress | null;
  /** Why nothing can be ordered now. */
  refused: string | null;
  planning: boolean;
  starting: boolean;
  /** What went wrong, with its title. */
  failed: { title: string; error: ApiError } | null;
  forget: () => void;
  stopPlanning: () => void;
  preview: () => void;
  /** A plan first, as long as no run went by itself. */
  sync: () => void;
}

/** Until a first automatic run a person looks before anything real is written. */
export function looksFirst(connection: ConnectionCard): boolean {
  if (connection.source_side.practice && connection.target_side.practice) return false;
  return connection.first_run || (!connection.automatic && connection.last_run?.kind !== "automatic");
}

export function useOrders(connection: ConnectionCard): Orders {
  const toast = useToast();
  const { run, preview, stopPlanning, forget, busy, making, working, error, refused } = useStarting(connection);
  const planning = busy === "plan" || making !== null;
  /** Before a first run somebody says from when on tickets count. */
  const choose = () => {
    go({ page: "sync", connection: connection.id });
    toast({ text: `Say which tickets of ${connection.name} count before its first run.` });
  };
  const ordered = (run: boolean) => () => {
    if (connection.first_run) choose();
    else if (!planning) void (run ? start() : preview());
  };
  const start = () => (looksFirst(connection) ? preview() : run());
  return {
    working, making, refused, planning, starting: busy === "run", forget, stopPlanning,
    failed: error === null ? null : { title: error.of === "run" ? "The run did not start" : "The plan could not be made", error: error.error },
    preview: ordered(false), sync: ordered(true),
  };
}
