// The video goes into the element, and what is watched of it to the server.
import { type RefObject, useEffect, useRef, useState } from "react";
import type { Playback, Video } from "@/api/types";
import { randomId } from "@/lib/id";
import { sendBeacon, Watching } from "./beacons";
import { attach, type Engine, type Quality } from "./engine";
import { preferences } from "./preferences";

export interface Beginning {
  /** Where, in seconds. */
  at: number;
  /** By itself, where the browser lets it. */
  isAuto: boolean;
  /** Without sound, whatever one prefers. */
  isMuted?: boolean;
  /** Where viewers come from, as the server knows it. */
  source?: string | undefined;
  /** Nothing of it is told as of whoever is signed in. */
  isAnonymous?: boolean;
}

interface Handlers {
  /** The addresses have ended at this place of the video. */
  onEnded: (at: number) => void;
}

export function usePlayback(
  element: RefObject<HTMLVideoElement | null>,
  video: Video,
  playback: Playback,
  beginning: Beginning,
  handlers: Handlers,
) {
  const engine = useRef<Engine | null>(null);
  const [qualities, setQualities] = useState<Quality[]>([]);
  const [height, setHeight] = useState(0);
  const [hasFailed, setHasFailed] = useState(false);
  const first = useRef(beginning);
  const kept = useRef({ playback, ...handlers });
  useEffect(() => {
    kept.current = { playback, ...handlers };
  });

  useEffect(() => {
    const target = element.current;
    if (!target) return;
    setHasFailed(false);
    const { at, isAuto, isMuted, source, isAnonymous } = first.current;
    const liked = preferences();
    target.volume = liked.volume;
    target.muted = isMuted ?? liked.isMuted;
    const hasEnded = () => {
      const { expiresAt } = kept.current.playback;
      return Boolean(expiresAt) && Date.now() > Date.parse(expiresAt ?? "");
    };
    const watching = new Watching(randomId(), (beacon, isLast) =>
      sendBeacon(video._id, source ? { ...beacon, source } : beacon, isLast, isAnonymous),
    );
    const stopWatching = follow(target, watching);
    let isGone = false;
    attach(target, { hls: playback.hls, file: playback.videoFile, hasEnded }, at, {
      onQualities: setQualities,
      onQuality: setHeight,
      onFailed: (place) => {
        if (hasEnded()) kept.current.onEnded(place);
        else setHasFailed(true);
      },
    }).then(
      (made) => {
        if (isGone) return made.destroy();
        engine.current = made;
        // Where the browser lets nothing begin by itself, the large button waits.
        if (isAuto) void target.play().catch(() => {});
      },
      () => setHasFailed(true),
    );
    return () => {
      isGone = true;
      stopWatching();
      engine.current?.destroy();
      engine.current = null;
    };
  }, [element, video._id, playback.hls, playback.videoFile]);

  return { engine, qualities, height, hasFailed };
}

/** Tells `watching` what the element does, until the answer is called. */
function follow(target: HTMLVideoElement, watching: Watching): () => void {
  const began = performance.now();
  let hasStarted = false;
  let stalledAt: number | null = null;
  const on: Record<string, () => void> = {
    playing: () => {
      if (!hasStarted) {
        hasStarted = true;
        target.playbackRate = preferences().rate;
        watching.started(performance.now() - began, target.currentTime);
      } else if (stalledAt !== null) {
        watching.stalled(performance.now() - stalledAt);
      }
      stalledAt = null;
    },
    waiting: () => {
      if (hasStarted && !target.seeking) stalledAt = performance.now();
    },
    timeupdate: () => {
      if (hasStarted && !target.paused && !target.seeking)
        watching.at(target.currentTime, target.playbackRate);
    },
    pause: () => {
      // Nobody waits while it is paused.
      stalledAt = null;
      if (hasStarted && !target.ended) watching.paused(target.currentTime);
    },
    ended: () => watching.ended(target.currentTime),
  };
  for (const [name, listener] of Object.entries(on)) target.addEventListener(name, listener);
  const leave = () => watching.left(target.currentTime);
  window.addEventListener("pagehide", leave);
  return () => {
    leave();
    for (const [name, listener] of Object.entries(on)) target.removeEventListener(name, listener);
    window.removeEventListener("pagehide", leave);
  };
}
