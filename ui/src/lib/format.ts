// How times, spans and counts are written (ux.md §3). Everything takes the moment and the zone, so that it can be tested.

/** A space that keeps a number and its unit on one line. */
const TIE = "\u00a0";
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SHORT_ABOVE = 100_000;

export interface Place {
  locale?: string | undefined;
  zone?: string | undefined;
}

const made = new Map<string, Intl.DateTimeFormat>();

function dates(place: Place, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([place, options]);
  const found = made.get(key) ?? new Intl.DateTimeFormat(place.locale, { timeZone: place.zone, ...options });
  made.set(key, found);
  return found;
}

function part(place: Place, options: Intl.DateTimeFormatOptions, type: string, ms: number): string {
  return dates(place, options).formatToParts(ms).find((piece) => piece.type === type)?.value ?? "";
}

function dayOf(ms: number, place: Place): string {
  return dates({ locale: "en-CA", zone: place.zone }, { year: "numeric", month: "2-digit", day: "2-digit" }).format(ms);
}

/** Two digits where the clock has 24 hours, one where it has twelve. */
function hourOf(place: Place): "2-digit" | "numeric" {
  return dates(place, { hour: "numeric" }).resolvedOptions().hour12 === true ? "numeric" : "2-digit";
}

/** The clock of the system: 14:03. */
export function clock(ms: number, place: Place = {}): string {
  return dates(place, { hour: hourOf(place), minute: "2-digit" }).format(ms);
}

/** The clock to the second, for lists of what just happened. */
export function clockSeconds(ms: number, place: Place = {}): string {
  return dates(place, { hour: hourOf(place), minute: "2-digit", second: "2-digit" }).format(ms);
}

function date(ms: number, place: Place): string {
  const english = { locale: "en-GB", zone: place.zone };
  return dates(english, { day: "numeric", month: "short", year: "numeric" }).format(ms).replaceAll(" ", TIE);
}

function weekday(ms: number, place: Place): string {
  return part({ locale: "en-GB", zone: place.zone }, { weekday: "short" }, "weekday", ms);
}

/** A moment: 14:03 today, Mon 09:12 this week, 3 May 2026, 09:12 before that. */
export function moment(ms: number, nowMs: number, place: Place = {}): string {
  if (dayOf(ms, place) === dayOf(nowMs, place)) return clock(ms, place);
  if (Math.abs(nowMs - ms) < 6 * DAY) return `${weekday(ms, place)}${TIE}${clock(ms, place)}`;
  return `${date(ms, place)}, ${clock(ms, place)}`;
}

/** As `moment`, with the word today in front where it fits a sentence. */
export function momentInText(ms: number, nowMs: number, place: Place = {}): string {
  const today = dayOf(ms, place) === dayOf(nowMs, place);
  return today ? `today${TIE}${clock(ms, place)}` : moment(ms, nowMs, place);
}

/** For tooltips: local time with its zone, and the same in UTC as platforms stamp it. */
export function fullMoment(ms: number, place: Place = {}): string {
  const local = `${weekday(ms, place)} ${date(ms, place)} ${clockSeconds(ms, place)}`;
  const zone = part({ locale: "en", zone: place.zone }, { timeZoneName: "shortOffset" }, "timeZoneName", ms);
  const stamp = new Date(ms).toISOString().slice(0, 19).replace("T", " ");
  return `${local} ${zone.replace("GMT", "UTC")} · ${stamp}`.replaceAll(TIE, " ");
}

/** A span: 41 s, 1 min 50 s, 2 h 22 min. Whole units, two at most. */
export function span(ms: number): string {
  const whole = Math.max(0, Math.round(ms / SECOND));
  const [seconds, minutes, hours] = [whole % 60, Math.floor(whole / 60) % 60, Math.floor(whole / 3600)];
  const days = Math.floor(hours / 24);
  if (days > 0) return joined(days, "d", hours % 24, "h");
  if (hours > 0) return joined(hours, "h", minutes, "min");
  if (minutes > 0) return joined(minutes, "min", seconds, "s");
  return `${seconds}${TIE}s`;
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  const head = `${large}${TIE}${largeUnit}`;
  return small === 0 ? head : `${head} ${small}${TIE}${smallUnit}`;
}

/** Grouped digits; above 100,000 short, with `countInFull` as the tooltip. */
export function count(value: number, place: Place = {}): string {
  if (Math.abs(value) <= SHORT_ABOVE) return countInFull(value, place);
  const [scaled, unit] = Math.abs(value) < 999_500 ? [value / 1000, "K"] : [value / 1_000_000, "M"];
  const digits = unit === "M" && Math.abs(scaled) < 10 ? 1 : 0;
  return `${new Intl.NumberFormat(place.locale, { maximumFractionDigits: digits }).format(scaled)}${TIE}${unit}`;
}

export function countInFull(value: number, place: Place = {}): string {
  return new Intl.NumberFormat(place.locale).format(value);
}

/** Words up to a thousand, percent above. */
export function ofWhole(done: number, whole: number, place: Place = {}): string {
  if (whole <= 1000) return `${count(done, place)} of ${count(whole, place)}`;
  return `${Math.floor((100 * done) / whole)}${TIE}%`;
}

/** "1 ticket", "3 tickets". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A size: 214 KB, 1.4 MB, 74 MB. */
export function bytes(value: number, place: Place = {}): string {
  const units = ["KB", "MB", "GB"];
  let [scaled, at] = [value / 1024, 0];
  while (scaled >= 1000 && at < units.length - 1) [scaled, at] = [scaled / 1024, at + 1];
  const digits = scaled < 10 && at > 0 ? 1 : 0;
  const shown = Math.max(scaled, value > 0 && at === 0 ? 1 : 0);
  return `${new Intl.NumberFormat(place.locale, { maximumFractionDigits: digits }).format(shown)}${TIE}${units[at] ?? ""}`;
}
