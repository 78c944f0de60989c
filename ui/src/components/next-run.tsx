// A line about what the next run will do, with the two ways to have it now: look at it first, or run.
import type { ReactNode } from "react";
import type { ConnectionCard } from "../api/generated/ConnectionCard";
import { go } from "../lib/route";
import { useStarting } from "../state/starting";
import { Icon } from "./icons";
import { Button } from "./kit";
import { sentence } from "./shapes";
import "./next-run.css";

export function NextRun({ connection, children }: { connection: ConnectionCard; children: ReactNode }) {
  const { run, preview, planning, busy, error, working, refused } = useStarting(connection);
  return (
    <section className="next-run" aria-label={`Next run of ${connection.name}`}>
      <Icon name="clock" />
      <p role="status">{children}</p>
      {error !== null && <p className="tone-bad" role="alert">{sentence(error.message)}{error.hint === null ? "" : ` ${sentence(error.hint)}`}</p>}
      <span className="next-run-end">
        {working
          ? <Button icon="eye" onClick={() => go({ page: "sync", connection: connection.id })}>Watch run</Button>
          : (
            <>
              <Button busy={planning} refused={planning ? null : refused} onClick={() => void preview()}>Preview</Button>
              <Button icon="sync" busy={busy && !planning} refused={refused ?? (planning ? "A plan is being made." : null)} onClick={() => void run()}>Run sync</Button>
            </>
          )}
      </span>
    </section>
  );
}
