// How long the writing still takes, once enough was written to tell.

export interface Sample {
  done: number;
  atMs: number;
}

/** Fewer tickets or less time say nothing yet. */
const TICKETS_MIN = 10;
const SPAN_MIN_MS = 10_000;

export function leftMs(since: Sample | null, done: number, planned: number, nowMs: number): number | null {
  if (since === null) return null;
  const [written, span] = [done - since.done, nowMs - since.atMs];
  if (written < TICKETS_MIN || span < SPAN_MIN_MS || done >= planned) return null;
  return (span / written) * (planned - done);
}
