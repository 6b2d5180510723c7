// How one's own channel is doing. Range and metric stand in the address.
import { ChartLine } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { useFormat } from "@/lib/format";
import { Bone } from "@/ui/Skeletons";
import { EmptyState } from "@/ui/States";
import { Breakdown } from "./Breakdown";
import classes from "./Dashboard.module.css";
import { ExportMenu } from "./ExportMenu";
import { useFigures } from "./figures";
import { type Live, useLive } from "./live";
import { Metrics } from "./Metrics";
import { Now } from "./Now";
import { METRICS, type Metric } from "./queries";
import { RangePicker } from "./RangePicker";
import { parseRange, withRange } from "./range";
import { TopVideos } from "./TopVideos";

/** The range and the metric that the address names, and how to change them. */
export function useChosen(metrics: readonly Metric[]) {
  const [query, setQuery] = useSearchParams();
  const metric = metrics.find((one) => one === query.get("metric")) ?? "views";
  const options = { replace: true, preventScrollReset: true };
  return {
    range: parseRange(query),
    metric,
    setRange: (range: ReturnType<typeof parseRange>) => setQuery((now) => withRange(now, range), options),
    setMetric: (to: Metric) =>
      setQuery((now) => {
        const next = new URLSearchParams(now);
        if (to === "views") next.delete("metric");
        else next.set("metric", to);
        return next;
      }, options),
  };
}

export function Dashboard() {
  const { range, metric, setRange, setMetric } = useChosen(METRICS);
  const live = useLive();
  if (live.stats?.totalVideos === 0) return <NoVideos />;
  return (
    <div className={classes.page}>
      <div className={classes.head}>
        <RangePicker range={range} onChange={setRange} />
        <ExportMenu range={range} />
      </div>
      <div className={classes.columns}>
        <div className={classes.column}>
          <Metrics metrics={METRICS} range={range} chosen={metric} onChoose={setMetric} />
          <TopVideos range={range} />
        </div>
        <div className={classes.column}>
          <Whole live={live} />
          <Now live={live} />
          <Breakdown range={range} />
        </div>
      </div>
    </div>
  );
}

function NoVideos() {
  const { t } = useTranslation("dashboard");
  return (
    <EmptyState icon={ChartLine} title={t("empty.title")} text={t("empty.text")}>
      <Link className="link" to="/upload">
        {t("empty.upload")}
      </Link>
    </EmptyState>
  );
}

/** How the channel stands in all. */
function Whole({ live }: { live: Partial<Live> }) {
  const { t } = useTranslation("dashboard");
  const format = useFormat();
  const figures = useFigures();
  const { stats } = live;
  return (
    <section className={classes.panel} aria-labelledby="whole">
      <h2 id="whole" className={classes.heading}>
        {t("whole.title")}
      </h2>
      {stats ? (
        <dl className={classes.pairs}>
          <div>
            <dt>{t("whole.subscribers")}</dt>
            <dd data-figure="subscribers">{format.number(stats.totalSubscribers ?? 0)}</dd>
          </div>
          <div>
            <dt>{t("metric.views")}</dt>
            <dd data-figure="views">{format.number(stats.totalViews)}</dd>
          </div>
          <div>
            <dt>{t("metric.watchTime")}</dt>
            <dd data-figure="watchTime">{figures.length(stats.totalWatchTime)}</dd>
          </div>
          <div>
            <dt>{t("metric.likes")}</dt>
            <dd data-figure="likes">{format.number(stats.totalLikes)}</dd>
          </div>
        </dl>
      ) : (
        <Bone height={96} />
      )}
    </section>
  );
}
