// The numbers of a range as cards; the one that is chosen is drawn below them.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ArrowDownRight, ArrowUpRight, Minus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Bone } from "@/ui/Skeletons";
import classes from "./Dashboard.module.css";
import { isManifold, useFigures } from "./figures";
import { MetricChart } from "./MetricChart";
import { type Metric, seriesQuery } from "./queries";
import type { Scope } from "./range";

interface Props {
  metrics: readonly Metric[];
  scope: Scope;
  chosen: Metric;
  onChoose: (metric: Metric) => void;
}

export function Metrics({ metrics, scope, chosen, onChoose }: Props) {
  const { t } = useTranslation("dashboard");
  return (
    <section className={classes.panel} aria-labelledby="metrics">
      <h2 id="metrics" className="unseen">
        {t("metrics")}
      </h2>
      <div className={classes.cards}>
        {metrics.map((metric) => (
          <Card
            key={metric}
            metric={metric}
            scope={scope}
            isChosen={metric === chosen}
            onChoose={() => onChoose(metric)}
          />
        ))}
      </div>
      <MetricChart metric={chosen} scope={scope} />
    </section>
  );
}

/** What has changed since the time before: an arrow, a number, and words. */
function Change({ by, isMore }: { by: number | null | undefined; isMore: boolean }) {
  const { t } = useTranslation("dashboard");
  const figures = useFigures();
  if (by === null || by === undefined) {
    // From nothing there is no percentage, and yet it is more.
    return <span className={classes.change}>{isMore ? t("change.new") : t("change.same")}</span>;
  }
  const way = by > 0 ? "more" : by < 0 ? "less" : "same";
  const Icon = { more: ArrowUpRight, less: ArrowDownRight, same: Minus }[way];
  const words =
    way === "same"
      ? t("change.same")
      : isManifold(by)
        ? t("change.times", { by: figures.times(by) })
        : t(`change.${way}`, { by: figures.percent(Math.abs(by)) });
  return (
    <span className={classes.change} data-way={way}>
      <Icon size={16} aria-hidden />
      {words}
    </span>
  );
}

interface CardProps {
  metric: Metric;
  scope: Scope;
  isChosen: boolean;
  onChoose: () => void;
}

function Card({ metric, scope, isChosen, onChoose }: CardProps) {
  const { t } = useTranslation("dashboard");
  const figures = useFigures();
  const { data, isError, isPlaceholderData } = useQuery({
    ...seriesQuery(metric, scope),
    placeholderData: keepPreviousData,
  });
  const shown = figures.of(metric, data?.total ?? 0);
  return (
    <button
      type="button"
      className={classes.card}
      data-old={isPlaceholderData || undefined}
      aria-pressed={isChosen}
      onClick={onChoose}
    >
      <span className={classes.name}>{t(`metric.${metric}`)}</span>
      {data ? (
        <>
          {/* It lights up when it changes: a new element begins anew. */}
          <span key={shown} className={classes.figure} data-metric={metric}>
            {shown}
          </span>
          {scope.isCompared && <Change by={data.change} isMore={(data.total ?? 0) > 0} />}
        </>
      ) : isError ? (
        <span className={classes.figure}>–</span>
      ) : (
        <Bone width={72} height={48} />
      )}
    </button>
  );
}
