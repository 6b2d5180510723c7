// The bar: what was played and loaded, chapters as gaps, a preview of the place that is pointed at.
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Chapter } from "@/api/types";
import { clock } from "@/lib/format";
import classes from "./SeekBar.module.css";
import { type Tile, tileAt, tiles } from "./storyboard";

interface Props {
  time: number;
  duration: number;
  buffered: number;
  chapters: Chapter[];
  storyboard: string | null | undefined;
  onSeek: (to: number) => void;
}

const STEP_S = 5;
const PAGE_S = 30;
const EDGE = 84;

/** The file with the preview pictures is fetched when somebody first points at the bar. */
export function useTiles(address: string | null | undefined, isWanted: boolean): Tile[] {
  const [all, setAll] = useState<Tile[]>([]);
  useEffect(() => {
    if (!address || !isWanted) return;
    const stop = new AbortController();
    fetch(address, { signal: stop.signal })
      .then((response) => (response.ok ? response.text() : ""))
      .then((text) => setAll(tiles(text, new URL(address, location.href).href)))
      .catch(() => {});
    return () => stop.abort();
  }, [address, isWanted]);
  return all;
}

function percent(part: number, whole: number): string {
  return `${whole > 0 ? Math.min(100, Math.max(0, (part / whole) * 100)) : 0}%`;
}

export function SeekBar({ time, duration, buffered, chapters, storyboard, onSeek }: Props) {
  const { t } = useTranslation("watch");
  const bar = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const [dragged, setDragged] = useState<number | null>(null);
  const [wasPointed, setWasPointed] = useState(false);
  const all = useTiles(storyboard, wasPointed);
  const shown = dragged ?? time;
  const parts = chapters.length > 0 ? chapters : [{ title: "", start: 0, end: duration }];

  const place = (event: PointerEvent): number => {
    const box = bar.current?.getBoundingClientRect();
    if (!box || box.width === 0) return 0;
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * duration;
  };
  const keys = (event: KeyboardEvent) => {
    const to = {
      ArrowLeft: time - STEP_S,
      ArrowDown: time - STEP_S,
      ArrowRight: time + STEP_S,
      ArrowUp: time + STEP_S,
      PageDown: time - PAGE_S,
      PageUp: time + PAGE_S,
      Home: 0,
      End: duration,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onSeek(Math.min(duration, Math.max(0, to)));
  };

  const tile = pointed === null ? undefined : tileAt(all, pointed);
  const pointedChapter =
    pointed === null ? undefined : chapters.find((one) => pointed >= one.start && pointed < one.end);
  const width = bar.current?.clientWidth ?? 0;
  const left =
    pointed === null || duration === 0
      ? 0
      : Math.min(width - EDGE, Math.max(EDGE, (pointed / duration) * width));

  return (
    <div
      ref={bar}
      className={classes.bar}
      data-dragged={dragged !== null || undefined}
      role="slider"
      tabIndex={0}
      aria-label={t("player.seek")}
      aria-valuemin={0}
      aria-valuemax={Math.round(duration)}
      aria-valuenow={Math.round(shown)}
      aria-valuetext={t("player.seekAt", { time: clock(shown), duration: clock(duration) })}
      onKeyDown={keys}
      onPointerEnter={() => setWasPointed(true)}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setDragged(place(event));
      }}
      onPointerMove={(event) => {
        setPointed(place(event));
        if (dragged !== null) setDragged(place(event));
      }}
      onPointerUp={(event) => {
        if (dragged !== null) onSeek(place(event));
        setDragged(null);
        if (event.pointerType === "touch") setPointed(null);
      }}
      onPointerCancel={() => setDragged(null)}
      onPointerLeave={() => setPointed(null)}
    >
      <div className={classes.track}>
        {parts.map((part) => {
          const length = part.end - part.start;
          return (
            <span key={part.start} className={classes.part} style={{ flexGrow: length }}>
              <span className={classes.buffered} style={{ width: percent(buffered - part.start, length) }} />
              {pointed !== null && (
                <span className={classes.pointed} style={{ width: percent(pointed - part.start, length) }} />
              )}
              <span className={classes.played} style={{ width: percent(shown - part.start, length) }} />
            </span>
          );
        })}
      </div>
      <span className={classes.knob} style={{ left: percent(shown, duration) }} />
      {pointed !== null && duration > 0 && (
        <span className={classes.preview} style={{ left }} aria-hidden>
          {tile && (
            <span
              className={classes.tile}
              style={{
                width: tile.width,
                height: tile.height,
                backgroundImage: `url("${tile.url}")`,
                backgroundPosition: `-${tile.x}px -${tile.y}px`,
              }}
            />
          )}
          {pointedChapter && <span className={classes.chapter}>{pointedChapter.title}</span>}
          <span className={classes.time}>{clock(pointed)}</span>
        </span>
      )}
    </div>
  );
}
