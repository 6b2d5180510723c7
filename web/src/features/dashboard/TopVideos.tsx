import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Bone } from "@/ui/Skeletons";
import { ErrorState } from "@/ui/States";
import classes from "./Dashboard.module.css";
import { useFigures } from "./figures";
import { topQuery } from "./queries";
import type { Range } from "./range";

/** The videos that were watched most. */
export function TopVideos({ range }: { range: Range }) {
  const { t } = useTranslation("dashboard");
  const figures = useFigures();
  const { data, error, refetch } = useQuery({
    ...topQuery("video", range),
    placeholderData: keepPreviousData,
  });
  return (
    <section className={classes.panel} aria-labelledby="top">
      <h2 id="top" className={classes.heading}>
        {t("top.title")}
      </h2>
      {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Bone height={220} />}
      {data?.items.length === 0 && <p className="soft">{t("top.none")}</p>}
      {data && data.items.length > 0 && (
        <table className={classes.top}>
          <thead>
            <tr>
              <th scope="col">{t("top.video")}</th>
              <th scope="col">{t("metric.views")}</th>
              <th scope="col">{t("metric.watchTime")}</th>
            </tr>
          </thead>
          <tbody>
            {data.items.map(({ video, views, watchTime }) => (
              <tr key={video?._id}>
                <th scope="row">
                  <Link to={`/studio/videos/${video?._id}/analytics`} className={classes.topVideo}>
                    {video?.thumbnail && (
                      <img src={video.thumbnail} alt="" width={80} height={45} loading="lazy" />
                    )}
                    <span>{video?.title}</span>
                  </Link>
                </th>
                <td>{figures.of("views", views)}</td>
                <td>{figures.of("watchTime", watchTime)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
