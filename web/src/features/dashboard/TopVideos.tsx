import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Bone } from "@/ui/Skeletons";
import { ErrorState } from "@/ui/States";
import classes from "./Dashboard.module.css";
import { useFigures } from "./figures";
import { type Metric, type TopMetric, topQuery } from "./queries";
import { granularity, type Scope } from "./range";

/** What videos can be put in order of; of other numbers, by views. */
export function topMetric(metric: Metric): TopMetric {
  return metric === "watchTime" || metric === "likes" || metric === "comments" ? metric : "views";
}

/** The videos that have the most of the chosen number. */
export function TopVideos({ scope, metric }: { scope: Scope; metric: Metric }) {
  const { t } = useTranslation("dashboard");
  const figures = useFigures();
  const by = topMetric(metric);
  const { data, error, refetch } = useQuery({
    ...topQuery("video", by, scope),
    placeholderData: keepPreviousData,
  });
  // Views and watch time are always there; a third column only where that is the order.
  const third = by === "likes" || by === "comments" ? by : null;
  return (
    <section className={classes.panel} aria-labelledby="top">
      <h2 id="top" className={classes.heading}>
        {t(`top.${by}`)}
      </h2>
      {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Bone height={220} />}
      {data?.items.length === 0 && <p className="soft">{t("top.none")}</p>}
      {data && data.items.length > 0 && (
        <table className={classes.top}>
          <thead>
            <tr>
              <th scope="col">{t("top.video")}</th>
              {third && <th scope="col">{t(`metric.${third}`)}</th>}
              <th scope="col">{t("metric.views")}</th>
              <th scope="col" className={classes.wide}>
                {t("metric.watchTime")}
              </th>
            </tr>
          </thead>
          <tbody>
            {data.items.map(({ video, views, watchTime, value }) =>
              video ? (
                <tr key={video._id}>
                  <th scope="row">
                    <Link to={`/studio/videos/${video._id}/analytics`} className={classes.topVideo}>
                      {video.thumbnail && (
                        <img src={video.thumbnail} alt="" width={80} height={45} loading="lazy" />
                      )}
                      <span>{video.title}</span>
                    </Link>
                  </th>
                  {third && <td>{figures.count(value)}</td>}
                  <td>{figures.count(views)}</td>
                  <td className={classes.wide}>{figures.length(watchTime)}</td>
                </tr>
              ) : null,
            )}
          </tbody>
        </table>
      )}
      <WholeDays scope={scope} />
    </section>
  );
}

/** Videos and parts are kept by days of UTC: a range of hours shows more than it says. */
export function WholeDays({ scope }: { scope: Scope }) {
  const { t } = useTranslation("dashboard");
  if (granularity(scope.range) === "day") return null;
  return <p className={classes.small}>{t("top.wholeDays")}</p>;
}
