// How far a plan is that is being made.
import type { RunProgress } from "../api/generated/RunProgress";
import { count, plural } from "../lib/format";

/** The counts grow while both sides are read; before the first of them the sentence says what is awaited. */
export function Planning({ making }: { making: RunProgress | null }) {
  return <span role="status">{told(making)}</span>;
}

function told(making: RunProgress | null): string {
  if (making === null || making.phase === "sign_in") return "Signing in on both sides.";
  const { read, planned } = making.counts;
  const [wait] = making.waits;
  const reads = read === 0 ? "Reading both sides" : `${plural(read, "ticket")} read`;
  return `${reads}${planned > 0 ? `, ${count(planned)} to write` : ""}.${wait === undefined ? "" : ` Waits for ${wait.host}.`}`;
}
