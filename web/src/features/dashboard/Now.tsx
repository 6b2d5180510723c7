// What is going on at this moment: who watches, each of the last 60 minutes, and which videos.
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Bone } from "@/ui/Skeletons";
import { ErrorState } from "@/ui/States";
import { Chart } from "./Chart";
import classes from "./Dashboard.module.css";
import { DataTable } from "./DataTable";
import { useFigures } from "./figures";
import { type Realtime, realtimeQuery } from "./queries";

const MOST_VIDEOS = 5;
const HEIGHT = 112;
const ASK_MS = 15_000;

export function Now({ isLive, video }: { isLive: boolean; video?: string }) {
  const { t } = useTranslation("dashboard");
  const figures = useFigures();
  const { data, error, refetch } = useQuery({
    ...realtimeQuery(video),
    refetchInterval: isLive ? false : ASK_MS,
  });
  return (
    <section className={classes.panel} aria-labelledby="now">
      <h2 id="now" className={classes.heading}>
        {t("now.title")}
        <span className={classes.live} data-live={isLive || undefined}>
          {isLive ? t("now.live") : t("now.waiting")}
        </span>
      </h2>
      {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Bone height={240} />}
      {data && (
        <>
          <p className={classes.nowFigure}>
            <strong data-figure="viewersNow">{figures.count(data.viewersNow)}</strong>
            <span className="soft">{t("now.viewers", { count: data.viewersNow })}</span>
          </p>
          <Minutes minutes={data.minutes} views={data.viewsLast60Minutes} />
          <dl className={classes.pairs}>
            <div>
              <dt>{t("now.hour")}</dt>
              <dd data-figure="lastHour">{figures.count(data.viewsLast60Minutes)}</dd>
            </div>
            <div>
              <dt>{t("now.twoDays")}</dt>
              <dd>{figures.count(data.viewsLast48Hours)}</dd>
            </div>
          </dl>
          {video === undefined && <Watched videos={data.videos} />}
        </>
      )}
    </section>
  );
}

function Minutes({ minutes, views }: { minutes: Realtime["minutes"]; views: number }) {
  const { t } = useTranslation("dashboard");
  const figures = useFigures();
  const time = (at: number) => figures.bucket(at, "minute", true);
  const most = minutes.reduce((high, one) => Math.max(high, one.viewers), 0);
  return (
    <figure className={classes.chart}>
      <figcaption className={classes.small}>
        {t("now.minutes", { views: figures.count(views), most: figures.count(most) })}
      </figcaption>
      <Chart
        name={t("now.read")}
        kind="bars"
        unit="things"
        buckets={minutes.map((one) => ({ at: Date.parse(one.at), value: one.viewers }))}
        height={HEIGHT}
        value={(value) => figures.count(value ?? 0)}
        time={time}
        tell={(bucket) => t("now.minute", { when: time(bucket.at), count: bucket.value ?? 0 })}
      />
      <DataTable
        name={t("now.hourTitle")}
        head={[t("chart.when"), t("metric.viewers"), t("metric.views")]}
        rows={() =>
          minutes.toReversed().map((one) => ({
            key: one.at,
            cells: [time(Date.parse(one.at)), figures.count(one.viewers), figures.count(one.views)],
          }))
        }
      />
    </figure>
  );
}

function Watched({ videos }: { videos: Realtime["videos"] }) {
  const { t } = useTranslation("dashboard");
  return (
    <>
      <h3 className={classes.sub}>{t("now.watched")}</h3>
      {videos.length === 0 && <p className="soft">{t("now.nothing")}</p>}
      <ol className={classes.watched}>
        {videos.slice(0, MOST_VIDEOS).map((one) => (
          <li key={one.video._id}>
            <Link to={`/studio/videos/${one.video._id}/analytics`}>{one.video.title}</Link>
            <span className="soft">{t("now.watching", { count: one.viewersNow })}</span>
          </li>
        ))}
      </ol>
    </>
  );
}
