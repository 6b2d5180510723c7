import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Bone } from "@/ui/Skeletons";
import classes from "./Dashboard.module.css";
import { useFigures } from "./figures";
import { statsQuery } from "./queries";

/** How a channel or a video stands in all. */
export function Whole({ video }: { video?: string }) {
  const { t } = useTranslation("dashboard");
  const figures = useFigures();
  const { data, isError } = useQuery(statsQuery(video));
  if (isError && !data) return null;
  const pairs: [string, string, string][] = data
    ? [
        ["views", t("metric.views"), figures.count(data.totalViews)],
        ["watchTime", t("metric.watchTime"), figures.length(data.totalWatchTime)],
        ["likes", t("metric.likes"), figures.count(data.totalLikes)],
        ["comments", t("metric.comments"), figures.count(data.totalComments)],
      ]
    : [];
  if (data?.totalSubscribers !== undefined) {
    pairs.unshift(["subscribers", t("metric.subscribers"), figures.count(data.totalSubscribers)]);
  }
  return (
    <section className={classes.panel} aria-labelledby="whole">
      <h2 id="whole" className={classes.heading}>
        {video === undefined ? t("whole.channel") : t("whole.video")}
      </h2>
      {!data && <Bone height={96} />}
      {data && (
        <dl className={classes.pairs}>
          {pairs.map(([figure, name, value]) => (
            <div key={figure}>
              <dt>{name}</dt>
              <dd key={value} data-figure={figure}>
                {value}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}
