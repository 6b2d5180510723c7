import { useTranslation } from "react-i18next";

/** 40 → "40 sec", 1500 → "25 min", 9000 → "2.5 hr", in the language of the page. */
export function watchTime(language: string, seconds: number): string {
  const [unit, size] =
    seconds < 60
      ? (["second", 1] as const)
      : seconds < 3600
        ? (["minute", 60] as const)
        : (["hour", 3600] as const);
  const value = seconds / size;
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit,
    unitDisplay: "short",
    maximumFractionDigits: unit === "hour" && value < 100 ? 1 : 0,
  }).format(value);
}

export function useWatchTime(): (seconds: number) => string {
  const { i18n } = useTranslation();
  return (seconds) => watchTime(i18n.language, seconds);
}
