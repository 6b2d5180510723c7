// The curve laid over the video. Pointing at a place shows its preview picture and who saw it; a click, a key or a rest
// of the pointer brings the video there. Watching here tells nobody anything: it is no view.
import { UnstyledButton } from "@mantine/core";
import { Pause, Play } from "lucide-react";
import {
  type KeyboardEvent,
  type PointerEvent,
  type Ref,
  useEffect,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
} from "react";
import { useTranslation } from "react-i18next";
import type { Video } from "@/api/types";
import { useTiles } from "@/features/watch/player/SeekBar";
import { type Tile, tileAt } from "@/features/watch/player/storyboard";
import { clock } from "@/lib/format";
import { useFigures } from "../figures";
import type { RetentionPoint } from "../queries";
import { stepped } from "../scale";
import { curve, watchingAt } from "./curve";
import classes from "./Stage.module.css";
import { useStill } from "./useStill";

export interface StageHandle {
  /** Brings the video to a place, 0 to 1. */
  show: (place: number) => void;
}

interface Props {
  video: Video;
  points: RetentionPoint[];
  hasData: boolean;
  ref: Ref<StageHandle>;
}

const REST_MS = 250;

export function Stage({ video, points, hasData, ref }: Props) {
  const { t } = useTranslation(["dashboard", "watch"]);
  const figures = useFigures();
  const { element, storyboard, time, isPlaying } = useStill(video);
  const stage = useRef<HTMLDivElement>(null);
  const resting = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const [pointed, setPointed] = useState<number | null>(null);
  const [wasPointed, setWasPointed] = useState(false);
  // Where the video was last asked to be, until it is there: it may not be loaded yet.
  const [asked, setAsked] = useState<number | null>(null);
  const latest = useRef(asked);
  latest.current = asked;
  const all = useTiles(storyboard, wasPointed);
  const path = useMemo(() => curve(points), [points]);
  useEffect(() => () => clearTimeout(resting.current), []);

  const { duration } = video;
  const reached = asked ?? (duration > 0 ? Math.min(1, time / duration) : 0);
  const place = pointed ?? reached;
  const watching = watchingAt(points, place);

  const timeOf = (to: number) => Math.min(to * duration, Math.max(0, duration - 0.05));
  const show = (to: number) => {
    clearTimeout(resting.current);
    setAsked(to);
    if (element.current) element.current.currentTime = timeOf(to);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the video's time that counts
  useEffect(() => {
    if (asked !== null && Math.abs(timeOf(asked) - time) < 0.3) setAsked(null);
  }, [time]);
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    const loaded = () => {
      if (latest.current === null) return;
      target.currentTime = Math.min(latest.current * duration, Math.max(0, duration - 0.05));
    };
    target.addEventListener("loadedmetadata", loaded);
    return () => target.removeEventListener("loadedmetadata", loaded);
  }, [element, duration]);
  useImperativeHandle(ref, () => ({
    show(to) {
      show(to);
      stage.current?.focus();
    },
  }));
  const placeOf = (event: PointerEvent) => {
    const box = stage.current?.getBoundingClientRect();
    if (!box || box.width === 0) return 0;
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };
  const move = (event: PointerEvent) => {
    const to = placeOf(event);
    setPointed(to);
    clearTimeout(resting.current);
    // Playing goes on under a pointer that only passes by.
    if (!isPlaying) resting.current = setTimeout(() => show(to), REST_MS);
  };
  const keys = (event: KeyboardEvent) => {
    const now = Math.round(reached * points.length);
    const to = stepped(event.key, now, points.length + 1);
    if (to === null) return;
    event.preventDefault();
    setPointed(null);
    show(to / points.length);
  };
  const toggle = () => {
    const target = element.current;
    if (target?.paused) void target.play().catch(() => {});
    else target?.pause();
  };

  const isThere = pointed === null || Math.abs(pointed * duration - time) < duration / 150;
  const tile = isThere ? undefined : tileAt(all, place * duration);
  const said = t("retention.at", { time: clock(place * duration), share: figures.share(watching) });
  return (
    <div
      className={classes.frame}
      style={{ maxWidth: `calc(70vh * ${video.width || 16} / ${video.height || 9})` }}
    >
      <div
        ref={stage}
        className={classes.stage}
        style={{ aspectRatio: `${video.width || 16} / ${video.height || 9}` }}
        role="slider"
        tabIndex={0}
        aria-label={t("retention.curve")}
        aria-valuemin={0}
        aria-valuemax={Math.round(duration)}
        aria-valuenow={Math.round(reached * duration)}
        aria-valuetext={said}
        onKeyDown={keys}
        onPointerEnter={() => setWasPointed(true)}
        onPointerDown={(event) => {
          if (event.button === 0) show(placeOf(event));
        }}
        onPointerMove={move}
        onPointerLeave={() => {
          clearTimeout(resting.current);
          setPointed(null);
        }}
      >
        {/* biome-ignore lint/a11y/useMediaCaption: it is there to be looked at */}
        <video
          ref={element}
          className={classes.video}
          playsInline
          tabIndex={-1}
          poster={video.thumbnail ?? undefined}
        />
        {tile && <Preview tile={tile} width={stage.current?.clientWidth ?? 0} />}
        {hasData && (
          <svg className={classes.curve} viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden>
            <path className={classes.area} d={`${path} L100 100 L0 100 Z`} />
            <path className={classes.under} d={path} vectorEffect="non-scaling-stroke" />
            <path className={classes.line} d={path} vectorEffect="non-scaling-stroke" />
          </svg>
        )}
        {hasData && (
          <span className={classes.whole} aria-hidden>
            {figures.share(1)}
          </span>
        )}
        <span className={classes.place} style={{ left: `${place * 100}%` }} />
        <span className={classes.said} aria-hidden>
          {hasData ? said : clock(place * duration)}
        </span>
      </div>
      <div className={classes.below}>
        <UnstyledButton
          className={classes.button}
          onClick={toggle}
          aria-label={isPlaying ? t("watch:player.pause") : t("watch:player.play")}
        >
          {isPlaying ? <Pause size={20} fill="currentColor" /> : <Play size={20} fill="currentColor" />}
        </UnstyledButton>
        <span>
          {clock(time)} / {clock(Math.round(duration))}
        </span>
      </div>
    </div>
  );
}

/** The preview picture of a place, as large as the video. */
function Preview({ tile, width }: { tile: Tile; width: number }) {
  return (
    <span
      className={classes.preview}
      style={{
        width: tile.width,
        height: tile.height,
        backgroundImage: `url("${tile.url}")`,
        backgroundPosition: `-${tile.x}px -${tile.y}px`,
        transform: `scale(${width / tile.width})`,
      }}
      aria-hidden
    />
  );
}
