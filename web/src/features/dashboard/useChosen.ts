import { useSearchParams } from "react-router";
import type { Metric } from "./queries";
import { parseRange, type Range, type Scope, withRange } from "./range";

const OPTIONS = { replace: true, preventScrollReset: true };

/** What the address says of the time, the number and the comparison, and how to change it. */
export function useChosen(metrics: readonly Metric[], since: string, video?: string) {
  const [query, setQuery] = useSearchParams();
  const metric = metrics.find((one) => one === query.get("metric")) ?? "views";
  const scope: Scope = {
    range: parseRange(query),
    isCompared: query.get("compare") !== "off",
    video,
    since,
  };
  const set = (name: string, value: string, usual: string) =>
    setQuery((now) => {
      const next = new URLSearchParams(now);
      if (value === usual) next.delete(name);
      else next.set(name, value);
      return next;
    }, OPTIONS);
  return {
    scope,
    metric,
    setRange: (range: Range) => setQuery((now) => withRange(now, range), OPTIONS),
    setMetric: (to: Metric) => set("metric", to, "views"),
    setIsCompared: (to: boolean) => set("compare", to ? "on" : "off", "on"),
  };
}
