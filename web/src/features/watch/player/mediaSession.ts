// What the system shows of a video while it plays: on a locked phone, and for the keys of a keyboard or headphones.
import { type RefObject, useEffect } from "react";
import type { Video } from "@/api/types";

export function useMediaSession(
  element: RefObject<HTMLVideoElement | null>,
  video: Video,
  next: (() => void) | null,
): void {
  const { title, thumbnail, owner } = video;
  useEffect(() => {
    if (!("mediaSession" in navigator)) return;
    const { mediaSession } = navigator;
    mediaSession.metadata = new MediaMetadata({
      title,
      artist: owner.fullName,
      artwork: thumbnail ? [{ src: thumbnail }] : [],
    });
    const by = (seconds: number) => () => {
      if (element.current) element.current.currentTime += seconds;
    };
    const actions: [MediaSessionAction, MediaSessionActionHandler | null][] = [
      ["seekbackward", by(-10)],
      ["seekforward", by(10)],
      [
        "seekto",
        ({ seekTime }) => {
          if (element.current && seekTime !== undefined) element.current.currentTime = seekTime;
        },
      ],
      ["nexttrack", next],
    ];
    for (const [action, handler] of actions) {
      try {
        mediaSession.setActionHandler(action, handler);
      } catch {
        // This browser does not know the action.
      }
    }
    return () => {
      mediaSession.metadata = null;
      for (const [action] of actions) {
        try {
          mediaSession.setActionHandler(action, null);
        } catch {
          // As above.
        }
      }
    };
  }, [element, title, thumbnail, owner.fullName, next]);
}
