// What is going on at this moment: who watches, each of the last 60 minutes, and which videos.
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useFormat } from "@/lib/format";
import { Bone } from "@/ui/Skeletons";
import classes from "./Dashboard.module.css";
import { useFigures } from "./figures";
import type { Live } from "./live";
import type { Realtime } from "./queries";

const MOST_VIDEOS = 5;

export function Now({ live, isOneVideo }: { live: Partial<Live>; isOneVideo?: boolean }) {
  const { t } = useTranslation("dashboard");
  const format = useFormat();
  const { realtime, isLive } = live;
  return (
    <section className={classes.panel} aria-labelledby="now">
      <h2 id="now" className={classes.heading}>
        {t("now.title")}
        <span className={classes.live} data-live={isLive || undefined}>
          {isLive ? t("now.live") : t("now.waiting")}
        </span>
      </h2>
      {realtime ? (
        <>
          <p className={classes.nowFigure}>
            <strong data-figure="viewersNow">{format.number(realtime.viewersNow)}</strong>
            <span className="soft">{t("now.viewers", { count: realtime.viewersNow })}</span>
          </p>
          <Minutes minutes={realtime.minutes} />
          <dl className={classes.pairs}>
            <div>
              <dt>{t("now.hour")}</dt>
              <dd data-figure="lastHour">{format.number(realtime.viewsLast60Minutes)}</dd>
            </div>
            <div>
              <dt>{t("now.twoDays")}</dt>
              <dd>{format.number(realtime.viewsLast48Hours)}</dd>
            </div>
          </dl>
          {!isOneVideo && <Watched videos={realtime.videos} />}
        </>
      ) : (
        <Bone height={180} />
      )}
    </section>
  );
}

function Minutes({ minutes }: { minutes: Realtime["minutes"] }) {
  const { t } = useTranslation("dashboard");
  const figures = useFigures();
  const most = Math.max(1, ...minutes.map((one) => one.viewers));
  const width = 100 / Math.max(1, minutes.length);
  const sum = minutes.reduce((all, one) => all + one.views, 0);
  return (
    <svg
      className={classes.minutes}
      viewBox="0 0 100 32"
      preserveAspectRatio="none"
      role="img"
      aria-label={t("now.minutes", { views: sum, most: Math.max(...minutes.map((one) => one.viewers), 0) })}
    >
      {minutes.map((one, index) => {
        const height = one.viewers > 0 ? Math.max(1.5, (one.viewers / most) * 32) : 0.6;
        return (
          <rect
            key={one.at}
            x={index * width}
            y={32 - height}
            width={width * 0.72}
            height={height}
            data-quiet={one.viewers === 0 || undefined}
          >
            <title>
              {t("now.minute", {
                when: figures.bucket(Date.parse(one.at), "minute", true),
                count: one.viewers,
              })}
            </title>
          </rect>
        );
      })}
    </svg>
  );
}

function Watched({ videos }: { videos: Realtime["videos"] }) {
  const { t } = useTranslation("dashboard");
  if (videos.length === 0) return <p className="soft">{t("now.nothing")}</p>;
  return (
    <ol className={classes.watched}>
      {videos.slice(0, MOST_VIDEOS).map((one) => (
        <li key={one.video._id}>
          <Link to={`/studio/videos/${one.video._id}/analytics`}>{one.video.title}</Link>
          <span className="soft">{t("now.watching", { count: one.viewersNow })}</span>
        </li>
      ))}
    </ol>
  );
}
