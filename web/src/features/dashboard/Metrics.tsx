// The numbers of a range as cards; the one that is chosen is drawn below them, and written in a table for who wants it
// exactly or cannot see the drawing.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ArrowDownRight, ArrowUpRight, Minus } from "lucide-react";
import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Bone } from "@/ui/Skeletons";
import { ErrorState } from "@/ui/States";
import type { ChartData } from "./Chart";
import classes from "./Dashboard.module.css";
import { useFigures } from "./figures";
import { type Metric, type Series, seriesQuery } from "./queries";
import { granularity, type Range } from "./range";

const Chart = lazy(() => import("./Chart"));
const HEIGHT = 240;

interface Props {
  metrics: readonly Metric[];
  range: Range;
  video?: string;
  chosen: Metric;
  onChoose: (metric: Metric) => void;
}

export function Metrics({ metrics, range, video, chosen, onChoose }: Props) {
  const { t } = useTranslation("dashboard");
  return (
    <section className={classes.panel} aria-label={t("metrics")}>
      <div className={classes.cards}>
        {metrics.map((metric) => (
          <Card
            key={metric}
            metric={metric}
            range={range}
            isChosen={metric === chosen}
            onChoose={() => onChoose(metric)}
            {...(video && { video })}
          />
        ))}
      </div>
      <Drawn metric={chosen} range={range} {...(video && { video })} />
    </section>
  );
}

function useSeries(metric: Metric, range: Range, video?: string) {
  return useQuery({ ...seriesQuery(metric, range, video), placeholderData: keepPreviousData });
}

function Change({ by }: { by: number | null | undefined }) {
  const { t } = useTranslation("dashboard");
  const figures = useFigures();
  if (by === null || by === undefined) return <span className={classes.change}>{t("change.none")}</span>;
  const Icon = by > 0 ? ArrowUpRight : by < 0 ? ArrowDownRight : Minus;
  const key = by > 0 ? "change.more" : by < 0 ? "change.less" : "change.same";
  return (
    <span className={classes.change} data-way={by > 0 ? "up" : by < 0 ? "down" : undefined}>
      <Icon size={16} aria-hidden />
      <span aria-hidden>{figures.change(by)}</span>
      <span className="unseen">{t(key, { by: figures.change(Math.abs(by)).replace("+", "") })}</span>
    </span>
  );
}

interface CardProps {
  metric: Metric;
  range: Range;
  video?: string;
  isChosen: boolean;
  onChoose: () => void;
}

function Card({ metric, range, video, isChosen, onChoose }: CardProps) {
  const { t } = useTranslation("dashboard");
  const figures = useFigures();
  const { data, isError } = useSeries(metric, range, video);
  return (
    <button type="button" className={classes.card} aria-pressed={isChosen} onClick={onChoose}>
      <span className={classes.name}>{t(`metric.${metric}`)}</span>
      {data ? (
        <>
          <span className={classes.figure} data-metric={metric}>
            {figures.of(metric, data.total)}
          </span>
          <Change by={data.change} />
        </>
      ) : isError ? (
        <span className={classes.figure}>–</span>
      ) : (
        <Bone width={72} height={48} />
      )}
    </button>
  );
}

function Drawn({ metric, range, video }: { metric: Metric; range: Range; video?: string }) {
  const { data, error, refetch } = useSeries(metric, range, video);
  const [pointed, setPointed] = useState<number | null>(null);
  const figures = useFigures();
  const grain = granularity(range);
  const drawn = useMemo(() => data && toChart(data), [data]);
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data || !drawn) return <Bone height={HEIGHT} />;
  const value = (number: number) => figures.of(metric, number);
  return (
    <figure className={classes.chart}>
      <Told data={data} metric={metric} index={pointed} />
      <Suspense fallback={<Bone height={HEIGHT} />}>
        <Chart
          data={drawn}
          height={HEIGHT}
          value={value}
          time={(at, isShort) => figures.bucket(at, grain, isShort)}
          onPoint={setPointed}
        />
      </Suspense>
      <Table data={data} metric={metric} />
    </figure>
  );
}

function toChart(data: Series): ChartData {
  return {
    at: data.points.map((point) => Date.parse(point.at) / 1000),
    values: data.points.map((point) => point.value ?? null),
    before: data.previous ? data.points.map((_, index) => data.previous?.points[index]?.value ?? null) : null,
  };
}

/** What the chart says in one line: of the bucket that is pointed at, else of all. */
function Told({ data, metric, index }: { data: Series; metric: Metric; index: number | null }) {
  const { t } = useTranslation("dashboard");
  const figures = useFigures();
  const grain = data.granularity as "minute" | "hour" | "day";
  const point = index === null ? undefined : data.points[index];
  const name = t(`metric.${metric}`);
  if (point) {
    const before = index === null ? undefined : data.previous?.points[index];
    return (
      <figcaption className={classes.told}>
        <strong>{figures.of(metric, point.value)}</strong> {figures.bucket(Date.parse(point.at), grain)}
        {before && (
          <span className="soft">
            {" · "}
            {t("chart.before", {
              value: figures.of(metric, before.value),
              when: figures.bucket(Date.parse(before.at), grain),
            })}
          </span>
        )}
      </figcaption>
    );
  }
  const most = data.points.reduce<Series["points"][number] | null>(
    (best, one) => ((one.value ?? 0) > (best?.value ?? 0) ? one : best),
    null,
  );
  return (
    <figcaption className={classes.told}>
      {most
        ? t("chart.most", {
            name,
            value: figures.of(metric, most.value),
            when: figures.bucket(Date.parse(most.at), grain),
          })
        : t("chart.none", { name })}
      {data.keptFrom && (
        <span className="soft">
          {" "}
          {t("chart.keptFrom", { when: figures.bucket(Date.parse(data.keptFrom), "day") })}
        </span>
      )}
    </figcaption>
  );
}

function Table({ data, metric }: { data: Series; metric: Metric }) {
  const { t } = useTranslation("dashboard");
  const figures = useFigures();
  const [isOpen, setIsOpen] = useState(false);
  const grain = data.granularity as "minute" | "hour" | "day";
  return (
    <details className={classes.table} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>{t("chart.table")}</summary>
      {isOpen && (
        // It scrolls by itself, so it can be reached by keyboard.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: as said
        <section className={classes.rows} tabIndex={0} aria-label={t(`metric.${metric}`)}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("chart.when")}</th>
                <th scope="col">{t(`metric.${metric}`)}</th>
                {data.previous && <th scope="col">{t("chart.earlier")}</th>}
              </tr>
            </thead>
            <tbody>
              {data.points.map((point, index) => (
                <tr key={point.at}>
                  <th scope="row">{figures.bucket(Date.parse(point.at), grain)}</th>
                  <td>{figures.of(metric, point.value)}</td>
                  {data.previous && <td>{figures.of(metric, data.previous.points[index]?.value)}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}
