import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { Video } from "@/api/types";
import { attachStill } from "@/features/watch/player/engine";
import { playbackQuery } from "@/features/watch/queries";

const EVENTS = ["timeupdate", "seeking", "seeked", "play", "pause", "ended"] as const;

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
    return attachStill(target, playback);
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
