// From when on tickets count: the choices of Run sync, and the moment each means.
export type SinceChoice = "last_run" | "today" | "day" | "week" | "pick" | "all";

const DAY = 24 * 3_600_000;

export interface SinceOption {
  choice: SinceChoice;
  label: string;
}

/** The choices a connection has; before its first run there is no last one to begin from. */
export function sinceOptions(firstRun: boolean, lastRun: string | null): SinceOption[] {
  const options: SinceOption[] = [
    { choice: "today", label: "Today" },
    { choice: "day", label: "24 hours" },
    { choice: "week", label: "7 days" },
    { choice: "pick", label: "Pick a day" },
    { choice: "all", label: "All tickets" },
  ];
  if (firstRun) return options;
  return [{ choice: "last_run", label: lastRun === null ? "Last run" : `Last run, ${lastRun}` }, ...options];
}

/** The moment a choice means; `null` is "since the last run", `undefined` a day that was not picked yet. */
export function sinceMs(choice: SinceChoice, picked: string, nowMs: number): number | null | undefined {
  switch (choice) {
    case "last_run":
      return null;
    case "today":
      return new Date(nowMs).setHours(0, 0, 0, 0);
    case "day":
      return nowMs - DAY;
    case "week":
      return nowMs - 7 * DAY;
    case "all":
      return 0;
    case "pick": {
      const day = /^\d{4}-\d{2}-\d{2}$/.test(picked) ? new Date(`${picked}T00:00:00`).getTime() : Number.NaN;
      return Number.isNaN(day) ? undefined : day;
    }
  }
}
