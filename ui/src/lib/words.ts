// The words and marks of states, results and outcomes (ux.md §2, §3): one table each, so that no screen has its own.
import type { Flow } from "../api/generated/Flow";
import type { LinkedBy } from "../api/generated/LinkedBy";
import type { OutcomeWord } from "../api/generated/OutcomeWord";
import type { Phase } from "../api/generated/Phase";
import type { RunResult } from "../api/generated/RunResult";
import type { ConnectionState } from "../api/generated/ConnectionState";
import type { IconName } from "../components/icons";

export type Tone = "ok" | "warn" | "bad" | "ask" | "accent" | "plain";

interface Mark {
  label: string;
  tone: Tone;
  icon: IconName;
}

/** Worst first: the order of Overview. */
export const STATES: Record<ConnectionState, Mark & { needsYou: boolean }> = {
  sign_in_needed: { label: "Sign-in needed", tone: "bad", icon: "key", needsYou: true },
  stalled: { label: "Stalled", tone: "bad", icon: "paused", needsYou: true },
  needs_decision: { label: "Needs a decision", tone: "ask", icon: "fork", needsYou: true },
  initial_sync_required: { label: "Initial sync required", tone: "plain", icon: "dashed", needsYou: true },
  setup_not_finished: { label: "Setup not finished", tone: "plain", icon: "dashed", needsYou: true },
  running: { label: "Running", tone: "ok", icon: "checked", needsYou: false },
  ready_for_automatic_sync: { label: "Ready for automatic sync", tone: "accent", icon: "play", needsYou: false },
};

/** Shown in place of Running while a host makes a run wait. */
export const WAITING: Mark = { label: "Waiting for rate limit", tone: "warn", icon: "clock" };

const ORDER = Object.keys(STATES) as ConnectionState[];

export function severity(state: ConnectionState): number {
  return ORDER.indexOf(state);
}

export const RESULTS: Record<RunResult, Mark> = {
  success: { label: "Success", tone: "ok", icon: "check" },
  partial: { label: "Partial", tone: "warn", icon: "warning" },
  failed: { label: "Failed", tone: "bad", icon: "error" },
  nothing_to_do: { label: "Nothing to do", tone: "plain", icon: "nothing" },
  cancelled: { label: "Cancelled", tone: "plain", icon: "stop" },
};

/** A run in the history; without a result it is at work, or a crash left it so. */
export function resultMark(result: string | null): Mark {
  return result !== null && result in RESULTS ? RESULTS[result as RunResult] : WORKING;
}

export const WORKING: Mark = { label: "At work", tone: "accent", icon: "sync" };

/** Neither at work nor ended: the next run looks up what it had sent. */
export const INTERRUPTED: Mark = { label: "Interrupted", tone: "warn", icon: "warning" };

export const OUTCOMES: Record<OutcomeWord, Mark> = {
  failed: { label: "Failed", tone: "bad", icon: "error" },
  created: { label: "Created", tone: "accent", icon: "plus" },
  updated: { label: "Updated", tone: "plain", icon: "sync" },
  closed: { label: "Closed", tone: "ok", icon: "check" },
  skipped: { label: "Skipped", tone: "plain", icon: "nothing" },
};

export function outcomeMark(outcome: string): Mark {
  return outcome in OUTCOMES ? OUTCOMES[outcome as OutcomeWord] : OUTCOMES.skipped;
}

/** The order of filter chips; the failed stand where ux.md puts them. */
export const OUTCOME_ORDER: OutcomeWord[] = ["created", "updated", "closed", "failed", "skipped"];

export const PHASES: { phase: Phase; label: string }[] = [
  { phase: "sign_in", label: "Sign in" },
  { phase: "read", label: "Read" },
  { phase: "plan", label: "Plan" },
  { phase: "write", label: "Write" },
  { phase: "confirm", label: "Confirm" },
];

const ARROWS: Record<Flow, string> = { both: "⇄", to_target: "→", to_source: "←" };
const ARROW_WORDS: Record<Flow, string> = { both: "in both directions with", to_target: "to", to_source: "from" };

export function arrow(flow: Flow): { sign: string; words: string } {
  return { sign: ARROWS[flow], words: ARROW_WORDS[flow] };
}

const MONOGRAMS: Record<string, string> = { servicenow: "Sn", jira: "Ji", zendesk: "Ze", freshservice: "Fs", linear: "Li", incident: "In" };

/** Two letters that stand for a platform; its name always stands beside them. */
export function monogram(platform: string): string {
  return MONOGRAMS[platform] ?? platform.slice(0, 1).toUpperCase() + platform.slice(1, 2);
}

/** Who started a run, in the words of the history. */
export function startedBy(kind: string, trigger: string): string {
  if (kind === "automatic") return "Automatic";
  if (kind === "undo") return "Undo";
  return /window/i.test(trigger) ? "You" : "Command line";
}

/** The pair of keys with the arrow of the write, or a dot where that is not known; a key that does not exist yet is left out. */
export function ticketPair(source: string | null, target: string | null, written: "source" | "target" | "both" | null): string {
  if (source === null || target === null) return source ?? target ?? "";
  const sign = written === null ? "·" : { both: "⇄", source: "←", target: "→" }[written];
  return `${source} ${sign} ${target}`;
}

/** What failed, by what was being done. */
export const DOING: Record<string, string> = {
  create: "The ticket was not created",
  update: "The fields were not written",
  status: "The new status was not accepted",
  comment: "The comment was not written",
  edit_comment: "The comment was not changed",
  attachment: "The file was not copied",
  link: "The tickets were not linked",
};

/** Links, as the list names them. */
export const LINK_STATES: Record<string, Mark> = {
  in_step: { label: "In step", tone: "ok", icon: "checked" },
  waiting: { label: "Waiting", tone: "warn", icon: "clock" },
  conflict: { label: "Conflict", tone: "ask", icon: "fork" },
  quarantined: { label: "Quarantined", tone: "bad", icon: "archive" },
  parked: { label: "Parked", tone: "warn", icon: "clock" },
  not_visible: { label: "Not visible", tone: "warn", icon: "eye" },
  merged: { label: "Merged", tone: "plain", icon: "link" },
  ended: { label: "Unlinked", tone: "plain", icon: "unlink" },
};

/** How two tickets came to be linked: in a word, and in a sentence. */
export const LINKED_BY: Record<LinkedBy, { label: string; whole: string }> = {
  created: { label: "created", whole: "one was created as the copy of the other" },
  matched: { label: "matched", whole: "a match rule found both" },
  person: { label: "by you", whole: "by you" },
  found: { label: "found", whole: "the mark of an earlier link was found" },
};

export function linkState(state: string): Mark {
  return LINK_STATES[state] ?? { label: state, tone: "plain", icon: "nothing" };
}
