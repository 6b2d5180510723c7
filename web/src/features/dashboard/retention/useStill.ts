import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { Video } from "@/api/types";
import { attach, type Engine } from "@/features/watch/player/engine";
import { playbackQuery } from "@/features/watch/queries";

const EVENTS = ["timeupdate", "seeking", "seeked", "play", "pause", "ended"] as const;
const nothing = () => {};

/** The video in an element, still until somebody plays it, for looking at places of it. */
export function useStill(video: Video) {
  const element = useRef<HTMLVideoElement>(null);
  const { data } = useQuery({ ...playbackQuery(video._id), refetchOnWindowFocus: false });
  // Addresses of private videos are others each time they are asked for; the first ones stay.
  const [playback, setPlayback] = useState(data);
  if (data && !playback) setPlayback(data);
  const [state, setState] = useState({ time: 0, isPlaying: false });

  useEffect(() => {
    const target = element.current;
    if (!target || !playback) return;
    let engine: Engine | null = null;
    let isGone = false;
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
  }, [playback]);

  useEffect(() => {
    const target = element.current;
    if (!target) return;
    const look = () => setState({ time: target.currentTime, isPlaying: !target.paused && !target.ended });
    for (const name of EVENTS) target.addEventListener(name, look);
    return () => {
      for (const name of EVENTS) target.removeEventListener(name, look);
    };
  }, []);

  return { element, storyboard: playback?.storyboard, ...state };
}
