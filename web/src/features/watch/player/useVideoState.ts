import { type RefObject, useEffect, useState } from "react";

export interface VideoState {
  time: number;
  duration: number;
  /** Where what is loaded around the present place ends, in seconds. */
  buffered: number;
  isPaused: boolean;
  isWaiting: boolean;
  hasEnded: boolean;
  hasStarted: boolean;
  volume: number;
  isMuted: boolean;
  rate: number;
}

const EVENTS = [
  "timeupdate",
  "durationchange",
  "progress",
  "play",
  "pause",
  "playing",
  "waiting",
  "seeking",
  "seeked",
  "ended",
  "volumechange",
  "ratechange",
  "loadedmetadata",
  "emptied",
] as const;

function bufferedTo(video: HTMLVideoElement): number {
  for (let index = 0; index < video.buffered.length; index += 1) {
    if (
      video.buffered.start(index) <= video.currentTime + 0.1 &&
      video.buffered.end(index) >= video.currentTime
    ) {
      return video.buffered.end(index);
    }
  }
  return video.currentTime;
}

/** What the element does, as state. */
export function useVideoState(ref: RefObject<HTMLVideoElement | null>, duration: number): VideoState {
  const [state, setState] = useState<VideoState>({
    time: 0,
    duration,
    buffered: 0,
    isPaused: true,
    isWaiting: true,
    hasEnded: false,
    hasStarted: false,
    volume: 1,
    isMuted: false,
    rate: 1,
  });
  useEffect(() => {
    const video = ref.current;
    if (!video) return;
    const look = (event: Event) => {
      setState((before) => ({
        time: video.currentTime,
        duration: Number.isFinite(video.duration) && video.duration > 0 ? video.duration : before.duration,
        buffered: bufferedTo(video),
        isPaused: video.paused,
        isWaiting:
          event.type === "waiting" || event.type === "seeking"
            ? true
            : event.type === "emptied"
              ? true
              : video.readyState < 3 && !video.paused,
        hasEnded: video.ended,
        hasStarted: event.type === "emptied" ? false : before.hasStarted || event.type === "playing",
        volume: video.volume,
        isMuted: video.muted,
        rate: video.playbackRate,
      }));
    };
    for (const name of EVENTS) video.addEventListener(name, look);
    return () => {
      for (const name of EVENTS) video.removeEventListener(name, look);
    };
  }, [ref]);
  return state;
}
