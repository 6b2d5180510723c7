// The video beside its subtitles, with what is written over it at once. Nothing of it counts as watched.
import { type Ref, useEffect, useImperativeHandle, useRef, useState } from "react";
import type { Playback, Video } from "@/api/types";
import { attachStill } from "@/features/watch/player/engine";
import classes from "./Captions.module.css";
import { cueAt } from "./edits";
import { type Cue, plain } from "./vtt";

export interface PreviewHandle {
  seek: (to: number) => void;
  toggle: () => void;
  time: () => number;
  duration: () => number;
}

interface Props {
  video: Video;
  playback: Playback | undefined;
  cues: readonly Cue[];
  onTime: (time: number) => void;
  ref: Ref<PreviewHandle>;
}

export function Preview({ video, playback, cues, onTime, ref }: Props) {
  const element = useRef<HTMLVideoElement>(null);
  const [at, setAt] = useState(0);
  const sources = useRef(playback);
  useImperativeHandle(
    ref,
    () => ({
      seek: (to) => {
        if (element.current) element.current.currentTime = Math.max(0, to);
      },
      toggle: () => {
        const target = element.current;
        if (target?.paused) void target.play().catch(() => {});
        else target?.pause();
      },
      time: () => element.current?.currentTime ?? 0,
      duration: () => element.current?.duration || video.duration,
    }),
    [video.duration],
  );
  useEffect(() => {
    const target = element.current;
    const from = sources.current;
    if (!target || !from) return;
    return attachStill(target, from);
  }, []);
  const shown = cueAt(cues, at);
  return (
    <div className={classes.preview}>
      {/* biome-ignore lint/a11y/useMediaCaption: the captions are what is being written */}
      <video
        ref={element}
        controls
        playsInline
        poster={video.thumbnail ?? undefined}
        onTimeUpdate={(event) => {
          setAt(event.currentTarget.currentTime);
          onTime(event.currentTarget.currentTime);
        }}
        onSeeking={(event) => {
          setAt(event.currentTarget.currentTime);
          onTime(event.currentTarget.currentTime);
        }}
      />
      {shown?.text && <p className={classes.shown}>{plain(shown.text)}</p>}
    </div>
  );
}
