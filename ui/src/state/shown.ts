// The state of a connection as every screen shows it: a wait for a host stands in place of Running (ux.md §2).
import type { ConnectionCard } from "../api/generated/ConnectionCard";
import type { RunProgress } from "../api/generated/RunProgress";
import type { IconName } from "../components/icons";
import { clock } from "../lib/format";
import { STATES, type Tone, WAITING } from "../lib/words";
import { useLive } from "./live";

/** A shorter wait is not worth a word. */
const WORTH_MS = 10_000;

export interface Shown {
  label: string;
  tone: Tone;
  icon: IconName;
  /** A run works and waits for nobody. */
  turning: boolean;
  waiting: boolean;
}

export function shownState(connection: ConnectionCard, runs: RunProgress[], now: number): Shown {
  const atWork = runs.find((run) => run.connection === connection.id && run.result === null);
  const wait = atWork?.waits.find((each) => each.until_ms > now && each.until_ms - each.since_ms >= WORTH_MS);
  if (wait !== undefined) return { label: `${WAITING.label} until ${clock(wait.until_ms)}`, tone: WAITING.tone, icon: WAITING.icon, turning: false, waiting: true };
  const { label, tone, icon } = STATES[connection.state];
  const turning = connection.running || atWork !== undefined;
  return { label, tone, icon: turning ? "arc" : icon, turning, waiting: false };
}

export function useShownState(connection: ConnectionCard, now: number): Shown {
  return shownState(connection, useLive().runs, now);
}
