// The time that a dashboard shows, as it stands in the address: `?range=28d`, or `?from=2026-10-01&to=2026-10-31`.
// Days are those of the browser's time zone; the last of an own range is part of it.

export const PRESETS = ["60m", "48h", "7d", "28d", "90d", "365d", "all"] as const;
export type Preset = (typeof PRESETS)[number];
export type Granularity = "minute" | "hour" | "day";

export type Range = { preset: Preset } | { from: string; to: string };

/** What numbers are of: a channel or one of its videos, over a time, beside the time before or not. */
export interface Scope {
  range: Range;
  /** Of this video only. */
  video: string | undefined;
  /** The first day on which there can be something. */
  since: string;
  /** Beside as much time before. */
  isCompared: boolean;
}

export const FIRST: Preset = "28d";

const DAY_MS = 86_400_000;
/** What the server can tell apart by source, device and country. */
const MOST_DAYS_APART = 400;
/** What the server has days of. */
const MOST_DAYS = 3_650;
/** Own ranges up to so many days are shown by the hour. */
const DAYS_BY_HOUR = 2;

function isDay(text: string | null): text is string {
  if (text === null || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = new Date(text);
  // The 30th of February would be a day in March.
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text);
}

/** From the address; what makes no sense is the usual range. */
export function parseRange(query: URLSearchParams): Range {
  const [from, to] = [query.get("from"), query.get("to")];
  if (isDay(from) && isDay(to) && from <= to && days({ from, to }) <= MOST_DAYS) return { from, to };
  return { preset: PRESETS.find((one) => one === query.get("range")) ?? FIRST };
}

/** The address with another range; everything else in it stays. */
export function withRange(query: URLSearchParams, range: Range): URLSearchParams {
  const next = new URLSearchParams(query);
  for (const name of ["range", "from", "to"]) next.delete(name);
  if (!("preset" in range)) {
    next.set("from", range.from);
    next.set("to", range.to);
  } else if (range.preset !== FIRST) {
    next.set("range", range.preset);
  }
  return next;
}

/** How many days an own range has. */
function days({ from, to }: { from: string; to: string }): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1;
}

export function granularity(range: Range): Granularity {
  if (!("preset" in range)) return days(range) <= DAYS_BY_HOUR ? "hour" : "day";
  if (range.preset === "60m") return "minute";
  return range.preset === "48h" ? "hour" : "day";
}

/** Whether sources, devices and countries of such a range can be told. */
export function isTellable({ range, since }: Pick<Scope, "range" | "since">, now = new Date()): boolean {
  if ("preset" in range && range.preset !== "all") return true;
  const own = "preset" in range ? { from: since, to: dayOf(now) } : range;
  return days(own) <= MOST_DAYS_APART;
}

/** A day as the browser's calendar has it. */
export function dayOf(time: Date): string {
  const part = (number: number) => String(number).padStart(2, "0");
  return `${time.getFullYear()}-${part(time.getMonth() + 1)}-${part(time.getDate())}`;
}

/** The day after, or so many days away. */
export function shifted(day: string, by: number): string {
  return new Date(Date.parse(day) + by * DAY_MS).toISOString().slice(0, 10);
}

/** What the server is asked for: `from` and `to`, which is not part of it; without `to` up to now. */
export function asked(
  { range, since }: Pick<Scope, "range" | "since">,
  now: Date = new Date(),
): { from: string; to?: string } {
  if (!("preset" in range)) return { from: range.from, to: shifted(range.to, 1) };
  const today = dayOf(now);
  if (range.preset === "all") return { from: since < today ? since : today };
  const count = Number.parseInt(range.preset, 10);
  // The bucket that is not over is one of them.
  if (range.preset.endsWith("m")) return { from: String(now.getTime() - (count - 1) * 60_000) };
  if (range.preset.endsWith("h")) return { from: String(now.getTime() - (count - 1) * 3_600_000) };
  return { from: shifted(today, 1 - count) };
}

/** The name of the browser's time zone. */
export function timeZone(): string {
  const name = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return !name || name === "Etc/Unknown" ? "UTC" : name;
}
