// Switching automatic sync of a connection: changes that wait are asked about first, and every switch can be taken back.
import { type ReactNode, useState } from "react";
import type { ApiError } from "../api/generated/ApiError";
import type { ConnectionCard } from "../api/generated/ConnectionCard";
import { useAct } from "../api/query";
import { useTransport } from "../api/transport";
import { clock, plural } from "../lib/format";
import { useLive } from "../state/live";
import { useToast } from "../state/toast";
import { Button, Switch } from "./kit";
import { Question } from "./question";

interface Automatic {
  /** The switch, and the question while it is asked. */
  control: ReactNode;
  toggle: () => void;
  error: ApiError | null;
}

/** `look` plans instead, so that a person sees what waits. */
export function useAutomatic(connection: ConnectionCard, look: () => void): Automatic {
  const { connections } = useLive();
  const toast = useToast();
  const now = useTransport().now();
  const { act, busy, error } = useAct("set_automatic");
  const [asking, setAsking] = useState(false);
  const { automatic: on, prerequisites, pending } = connection;
  const missing = prerequisites.find((prerequisite) => !prerequisite.holds);
  const refused = !on && missing !== undefined ? missing.reason ?? `${missing.name}: not yet.` : null;
  const first = Math.max(now, (connection.last_run?.started_ms ?? now) + connection.interval_seconds * 1000);
  const name = `Automatic sync of ${connection.name}`;
  const set = async (next: boolean, undoable: boolean) => {
    const done = await act({ connection: connection.id, on: next });
    setAsking(false);
    if (done === null) return;
    connections.reload();
    const text = `${name} is ${next ? "on" : "off"}.`;
    toast(undoable ? { text, undo: () => void set(!next, false) } : { text });
  };
  const change = (next: boolean) => {
    if (next && pending > 0) setAsking(true);
    else void set(next, true);
  };
  const control = (
    <>
      <Switch label={name} on={on} change={change} refused={refused} />
      {asking && (
        <Question
          title={`Turn on automatic sync of ${connection.name}?`} confirm="Turn on" confirmed={() => void set(true, true)} busy={busy} close={() => setAsking(false)}
          other={<Button onClick={() => { setAsking(false); look(); }}>Preview first</Button>}
        >
          <p><strong>{plural(pending, "change")}</strong> will be written at {clock(first)}.</p>
        </Question>
      )}
    </>
  );
  return {
    control, error,
    toggle: () => {
      if (refused === null && !busy) change(!on);
    },
  };
}
