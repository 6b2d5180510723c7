// How the numbers of a dashboard are written.
import { useTranslation } from "react-i18next";
import type { Metric } from "./queries";
import type { Granularity } from "./range";

/** Seconds as a length: "41 s", "12 min", "3.4 h". */
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

/** The time of a bucket, as it is written on an axis or in a table. */
export function bucket(language: string, at: number, granularity: Granularity, isShort = false): string {
  const options: Intl.DateTimeFormatOptions =
    granularity === "day"
      ? { month: "short", day: "numeric", ...(!isShort && { year: "numeric" }) }
      : { hour: "2-digit", minute: "2-digit", ...(!isShort && { weekday: "short" }) };
  return new Intl.DateTimeFormat(language, options).format(at);
}

export function useFigures() {
  const { i18n } = useTranslation();
  const language = i18n.language;
  const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
  const signed = new Intl.NumberFormat(language, {
    style: "percent",
    maximumFractionDigits: 0,
    signDisplay: "exceptZero",
  });
  return {
    language,
    length: (seconds: number) => length(language, seconds),
    /** A value of a metric; a mean of nothing is a dash. */
    of: (metric: Metric, value: number | null | undefined) =>
      value === null || value === undefined
        ? "–"
        : metric === "watchTime"
          ? length(language, value)
          : whole.format(value),
    share: (part: number) => percent.format(part),
    /** A change in percent, as the server tells it. */
    change: (by: number) => signed.format(by / 100),
    bucket: (at: number, granularity: Granularity, isShort?: boolean) =>
      bucket(language, at, granularity, isShort),
  };
}
