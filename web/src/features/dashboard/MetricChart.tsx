// The chosen number over time: said in a sentence, drawn, and written in a table.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Bone } from "@/ui/Skeletons";
import { ErrorState } from "@/ui/States";
import { type Bucket, Chart } from "./Chart";
import classes from "./Dashboard.module.css";
import { DataTable } from "./DataTable";
import { useFigures } from "./figures";
import { type Metric, type Series, seriesQuery } from "./queries";
import type { Granularity, Scope } from "./range";

const HEIGHT = 260;

function buckets(series: Series): Bucket[] {
  return series.points.map(({ at, value }, index) => {
    const before = series.previous?.points[index];
    return {
      at: Date.parse(at),
      value: value ?? null,
      before: before && { at: Date.parse(before.at), value: before.value ?? null },
    };
  });
}

function largest(all: Bucket[]): Bucket | null {
  return all.reduce<Bucket | null>((best, one) => ((one.value ?? 0) > (best?.value ?? 0) ? one : best), null);
}

export function MetricChart({ metric, scope }: { metric: Metric; scope: Scope }) {
  const { t } = useTranslation("dashboard");
  const figures = useFigures();
  const { data, error, refetch } = useQuery({
    ...seriesQuery(metric, scope),
    placeholderData: keepPreviousData,
  });
  const all = useMemo(() => (data ? buckets(data) : []), [data]);
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  // Until the number is there that is chosen, the last one would stand under another name.
  if (!data || data.metric !== metric) return <Bone height={HEIGHT + 72} />;
  const grain = data.granularity as Granularity;
  const name = t(`metric.${metric}`);
  const value = (one: number | null) => figures.of(metric, one);
  const time = (at: number, isShort: boolean) => figures.bucket(at, grain, isShort, data.timeZone);
  const most = largest(all);
  return (
    <figure className={classes.chart}>
      <figcaption className={classes.told}>
        <span>
          {most
            ? t("chart.most", {
                name,
                total: value(data.total ?? 0),
                value: value(most.value),
                when: time(most.at, false),
              })
            : t("chart.none", { name })}
          {data.keptFrom && ` ${t("chart.keptFrom", { when: time(Date.parse(data.keptFrom), false) })}`}
        </span>
        {data.previous && (
          <span className={classes.legend} aria-hidden>
            <span>{t("chart.now")}</span>
            <span data-before>{t("chart.earlier")}</span>
          </span>
        )}
      </figcaption>
      <Chart
        name={t("chart.read", { name })}
        kind="line"
        unit={metric === "watchTime" ? "length" : "things"}
        buckets={all}
        height={HEIGHT}
        value={value}
        time={time}
        tell={(bucket) => {
          const now = { when: time(bucket.at, false), value: value(bucket.value) };
          return bucket.before
            ? t("chart.pointBefore", { ...now, before: value(bucket.before.value) })
            : t("chart.point", now);
        }}
      />
      <DataTable
        name={name}
        head={[t("chart.when"), name, ...(data.previous ? [t("chart.earlier")] : [])]}
        rows={() =>
          // The newest is what one looks for.
          all.toReversed().map((one) => ({
            key: String(one.at),
            cells: [
              time(one.at, false),
              value(one.value),
              ...(data.previous ? [value(one.before?.value ?? null)] : []),
            ],
          }))
        }
      />
    </figure>
  );
}
