// What keys do while a video is on the page.
import { type RefObject, useEffect, useRef } from "react";

export interface Commands {
  toggle: () => void;
  seekBy: (seconds: number) => void;
  seekTo: (part: number) => void;
  frame: (by: number) => void;
  louder: (by: number) => void;
  faster: (by: 1 | -1) => void;
  mute: () => void;
  full: () => void;
  theatre: () => void;
  captions: () => void;
  pictureInPicture: () => void;
  next: () => void;
}

const ELSEWHERE = "input, textarea, select, [contenteditable], [role=menu], [role=dialog]";

/** The command of a key; `null` where it has none. `isOnControl`: arrows and space belong to what has the focus. */
export function command(
  key: string,
  commands: Commands,
  { isOnControl, isInPlayer }: { isOnControl: boolean; isInPlayer: boolean },
): (() => void) | null {
  if (/^[0-9]$/.test(key)) return () => commands.seekTo(Number(key) / 10);
  switch (key.length === 1 ? key.toLowerCase() : key) {
    case "k":
      return commands.toggle;
    case " ":
      return isOnControl ? null : commands.toggle;
    case "j":
      return () => commands.seekBy(-10);
    case "l":
      return () => commands.seekBy(10);
    case "ArrowLeft":
      return () => commands.seekBy(-5);
    case "ArrowRight":
      return () => commands.seekBy(5);
    case "ArrowUp":
      return isInPlayer && !isOnControl ? () => commands.louder(0.05) : null;
    case "ArrowDown":
      return isInPlayer && !isOnControl ? () => commands.louder(-0.05) : null;
    case ",":
      return () => commands.frame(-1);
    case ".":
      return () => commands.frame(1);
    case "<":
      return () => commands.faster(-1);
    case ">":
      return () => commands.faster(1);
    case "m":
      return commands.mute;
    case "f":
      return commands.full;
    case "t":
      return commands.theatre;
    case "c":
      return commands.captions;
    case "i":
      return commands.pictureInPicture;
    case "n":
      return commands.next;
    case "Home":
      return () => commands.seekTo(0);
    case "End":
      return () => commands.seekTo(1);
    default:
      return null;
  }
}

/** Listens on the whole page, but not where somebody writes. */
export function useKeys(frame: RefObject<HTMLElement | null>, commands: Commands, wake: () => void): void {
  const latest = useRef({ commands, wake });
  useEffect(() => {
    latest.current = { commands, wake };
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || target.closest(ELSEWHERE)) return;
      const run = command(event.key, latest.current.commands, {
        isOnControl: target.closest("button, a, [role=slider]") !== null,
        isInPlayer: frame.current?.contains(target) ?? false,
      });
      if (!run) return;
      event.preventDefault();
      run();
      latest.current.wake();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [frame]);
}
