import { type RefObject, useEffect, useRef } from "react";
import classes from "./Player.module.css";
import { usePreferences } from "./preferences";

/** Shows the subtitles of one language above the controls. The browser reads the file and keeps the time. */
export function CaptionLine({
  video,
  language,
}: {
  video: RefObject<HTMLVideoElement | null>;
  language: string;
}) {
  const { captionSize, captionBackground } = usePreferences();
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = video.current;
    const target = line.current;
    if (!element || !target) return;
    const tracks = [...element.textTracks].filter((track) => track.kind === "subtitles");
    const track = tracks.find((one) => one.language === language);
    for (const one of tracks) one.mode = one === track ? "hidden" : "disabled";
    if (!track) return;
    const show = () => {
      const cues = [...(track.activeCues ?? [])] as VTTCue[];
      target.replaceChildren(
        ...cues.map((cue) => {
          const words = document.createElement("span");
          // Parsed by the browser: markup of subtitles, never of pages.
          words.append(cue.getCueAsHTML());
          return words;
        }),
      );
    };
    show();
    track.addEventListener("cuechange", show);
    return () => {
      track.removeEventListener("cuechange", show);
      track.mode = "disabled";
      target.replaceChildren();
    };
  }, [video, language]);
  return (
    <div
      ref={line}
      className={classes.captions}
      data-size={captionSize}
      data-background={captionBackground}
    />
  );
}
