// A line about what the next run will do, with the two ways to have it now: look at it first, or run.
import type { ReactNode } from "react";
import type { ConnectionCard } from "../api/generated/ConnectionCard";
import { go } from "../lib/route";
import { useStarting } from "../state/starting";
import { Icon } from "./icons";
import { Button } from "./kit";
import { Planning } from "./planning";
import { sentence } from "./shapes";
import "./next-run.css";

export function NextRun({ connection, children }: { connection: ConnectionCard; children: ReactNode }) {
  const { run, preview, stopPlanning, busy, making, working, error, refused } = useStarting(connection);
  return (
    <section className="next-run" aria-label={`Next run of ${connection.name}`}>
      <Icon name="clock" />
      {busy === "plan" ? <p>Planning. <Planning making={making} /></p> : <p role="status">{children}</p>}
      {error !== null && <p className="tone-bad" role="alert">{sentence(error.error.message)}{error.error.hint === null ? "" : ` ${sentence(error.error.hint)}`}</p>}
      <span className="next-run-end">
        {working !== null && <Button icon="eye" onClick={() => go({ page: "sync", connection: connection.id })}>Watch run</Button>}
        {working === null && busy === "plan" && <Button onClick={stopPlanning}>Stop planning</Button>}
        {working === null && busy !== "plan" && (
          <>
            <Button refused={refused} onClick={() => void preview()}>Preview</Button>
            <Button icon="sync" busy={busy === "run"} refused={refused} onClick={() => void run()}>Run sync</Button>
          </>
        )}
      </span>
    </section>
  );
}
