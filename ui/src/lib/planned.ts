// From when on a plan counted tickets, kept while the window is open: planning again asks for the same.

const NAME = "lockstep.planned";

export function rememberSince(plan: number, sinceMs: number | null): void {
  window.sessionStorage.setItem(`${NAME}.${plan}`, JSON.stringify(sinceMs));
}

/** What a plan was asked with; `undefined` where that is not known. */
export function sinceOf(plan: number): number | null | undefined {
  const kept = window.sessionStorage.getItem(`${NAME}.${plan}`);
  if (kept === null) return undefined;
  const sinceMs = Number(kept);
  return kept === "null" || Number.isNaN(sinceMs) ? null : sinceMs;
}
