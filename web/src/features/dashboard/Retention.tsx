// How far people watch: the curve lies over the video, and pointing at a place of it shows that place.
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Video } from "@/api/types";
import { attach, type Engine } from "@/features/watch/player/engine";
import { playbackQuery } from "@/features/watch/queries";
import { clock } from "@/lib/format";
import { Bone } from "@/ui/Skeletons";
import { ErrorState } from "@/ui/States";
import { curve, keyMoments, step } from "./curve";
import { useFigures } from "./figures";
import { type Retention as Body, retentionQuery } from "./queries";
import classes from "./Retention.module.css";
import type { Range } from "./range";

export function Retention({ video, range }: { video: Video; range: Range }) {
  const { t } = useTranslation("dashboard");
  const figures = useFigures();
  const { data, error, refetch } = useQuery(retentionQuery(video._id, range));
  return (
    <section className={classes.panel} aria-labelledby="retention">
      <h2 id="retention">{t("retention.title")}</h2>
      {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Bone height={320} />}
      {data && (
        <>
          <dl className={classes.means}>
            <div>
              <dt>{t("retention.sessions")}</dt>
              <dd data-figure="sessions">{figures.of("views", data.sessions)}</dd>
            </div>
            <div>
              <dt>{t("retention.duration")}</dt>
              <dd data-figure="duration">
                {data.averageViewDuration == null ? "–" : clock(data.averageViewDuration)}
              </dd>
            </div>
            <div>
              <dt>{t("retention.percentage")}</dt>
              <dd data-figure="percentage">
                {data.averagePercentageViewed == null
                  ? "–"
                  : figures.share(data.averagePercentageViewed / 100)}
              </dd>
            </div>
          </dl>
          <Stage video={video} points={data.points} />
          {data.sessions === 0 ? (
            <p className="soft">{t("retention.none")}</p>
          ) : (
            <Moments points={data.points} duration={video.duration} />
          )}
        </>
      )}
    </section>
  );
}

/** The video in the element, muted and still: for looking at places of it. Nothing of it counts as watched. */
function useStill(video: Video) {
  const element = useRef<HTMLVideoElement>(null);
  const { data } = useQuery(playbackQuery(video._id));
  const sources = useRef(data);
  sources.current ??= data;
  const isThere = sources.current !== undefined;
  useEffect(() => {
    const target = element.current;
    const playback = sources.current;
    if (!target || !playback || !isThere) return;
    let engine: Engine | null = null;
    let isGone = false;
    const nothing = () => {};
    attach(target, { hls: playback.hls, file: playback.videoFile, hasEnded: () => false }, 0, {
      onQualities: nothing,
      onQuality: nothing,
      onFailed: nothing,
    }).then((made) => {
      if (isGone) made.destroy();
      else engine = made;
    }, nothing);
    return () => {
      isGone = true;
      engine?.destroy();
    };
  }, [isThere]);
  return element;
}

function Stage({ video, points }: { video: Video; points: Body["points"] }) {
  const { t } = useTranslation("dashboard");
  const figures = useFigures();
  const element = useStill(video);
  const stage = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState(0);
  const at = place * video.duration;
  const watching = points[Math.min(points.length - 1, Math.floor(place * points.length))]?.watching ?? 0;

  const show = (to: number) => {
    const next = Math.min(1, Math.max(0, to));
    setPlace(next);
    if (element.current) element.current.currentTime = next * video.duration;
  };
  const point = (event: PointerEvent) => {
    const box = stage.current?.getBoundingClientRect();
    if (box && box.width > 0) show((event.clientX - box.left) / box.width);
  };
  const keys = (event: KeyboardEvent) => {
    const to = step(event.key, place, points.length);
    if (to === null) return;
    event.preventDefault();
    show(to);
  };
  return (
    <div
      ref={stage}
      className={classes.stage}
      role="slider"
      tabIndex={0}
      aria-label={t("retention.curve")}
      aria-valuemin={0}
      aria-valuemax={Math.round(video.duration)}
      aria-valuenow={Math.round(at)}
      aria-valuetext={t("retention.at", { time: clock(at), share: figures.share(watching) })}
      onKeyDown={keys}
      onPointerDown={point}
      onPointerMove={point}
    >
      <video
        ref={element}
        className={classes.video}
        muted
        playsInline
        poster={video.thumbnail ?? undefined}
      />
      <svg className={classes.curve} viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden>
        <path className={classes.area} d={`${curve(points)} L100 100 L0 100 Z`} />
        <path className={classes.line} d={curve(points)} vectorEffect="non-scaling-stroke" />
      </svg>
      <span className={classes.place} style={{ left: `${place * 100}%` }} />
      <span className={classes.said} aria-hidden>
        {clock(at)} · {t("retention.watching", { share: figures.share(watching) })}
      </span>
    </div>
  );
}

function Moments({ points, duration }: { points: Body["points"]; duration: number }) {
  const { t } = useTranslation("dashboard");
  const figures = useFigures();
  const { start, drop, peak } = keyMoments(points);
  const time = (place: number) => clock(place * duration);
  return (
    <ul className={classes.moments}>
      <li>{t("retention.start", { share: figures.share(start), time: time(0.1) })}</li>
      {drop && <li>{t("retention.drop", { time: time(drop.position), share: figures.share(drop.by) })}</li>}
      {peak && (
        <li>{t("retention.peak", { time: time(peak.position), share: figures.share(peak.watching) })}</li>
      )}
    </ul>
  );
}
