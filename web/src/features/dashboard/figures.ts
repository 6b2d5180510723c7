// How the numbers of a dashboard are written.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Metric } from "./queries";
import type { Granularity } from "./range";

/** Seconds as a length: "41 sec", "12 min", "3.4 hr". */
export function length(language: string, seconds: number): string {
  const [unit, size] = seconds < 60 ? ["second", 1] : seconds < 3_600 ? ["minute", 60] : ["hour", 3_600];
  const number = seconds / Number(size);
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: String(unit),
    unitDisplay: "short",
    notation: number >= 10_000 ? "compact" : "standard",
    maximumFractionDigits: number < 10 && unit !== "second" ? 1 : 0,
  }).format(number);
}

/** The time of a bucket, as it is written on an axis or in a table. Days are those of `zone`. */
export function bucket(
  language: string,
  at: number,
  granularity: Granularity,
  isShort = false,
  zone?: string,
): string {
  const options: Intl.DateTimeFormatOptions =
    granularity === "day"
      ? { month: "short", day: "numeric", ...(!isShort && { year: "numeric" }) }
      : { hour: "numeric", minute: "2-digit", ...(!isShort && { weekday: "short" }) };
  if (granularity === "day" && zone !== undefined) options.timeZone = zone;
  return new Intl.DateTimeFormat(language, options).format(at);
}

/** Whether a change in percent is one that percent say nothing of: ten times as much or more. */
export function isManifold(by: number): boolean {
  return by >= 900;
}

/** Percent as people write them; of small ones, tenths too. */
export function percent(language: string, by: number): string {
  return new Intl.NumberFormat(language, {
    style: "percent",
    maximumFractionDigits: Math.abs(by) < 10 ? 1 : 0,
  }).format(by / 100);
}

export function useFigures() {
  const { i18n } = useTranslation();
  const language = i18n.language;
  return useMemo(() => {
    const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
    const shares = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
    const seconds = new Intl.NumberFormat(language, {
      style: "unit",
      unit: "second",
      maximumFractionDigits: 2,
    });
    type Number = number | null | undefined;
    // A mean of nothing is a dash.
    const orDash = (value: Number, write: (value: number) => string) =>
      value === null || value === undefined ? "–" : write(value);
    return {
      length: (value: number) => length(language, value),
      count: (value: number) => whole.format(value),
      seconds: (value: Number) => orDash(value, (one) => seconds.format(one)),
      share: (value: Number) => orDash(value, (one) => shares.format(one)),
      /** A value of a metric. */
      of: (metric: Metric, value: Number) =>
        orDash(value, (one) => (metric === "watchTime" ? length(language, one) : whole.format(one))),
      percent: (by: number) => percent(language, by),
      /** As how many times as much a change in percent is. */
      times: (by: number) => whole.format(by / 100 + 1),
      bucket: (at: number, granularity: Granularity, isShort?: boolean, zone?: string) =>
        bucket(language, at, granularity, isShort, zone),
    };
  }, [language]);
}
