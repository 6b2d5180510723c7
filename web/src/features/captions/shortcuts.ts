import { type Dispatch, type RefObject, useEffect, useRef } from "react";
import type { Edit, State } from "./edits";
import type { PreviewHandle } from "./Preview";

interface Context {
  state: State;
  dispatch: Dispatch<Edit>;
  preview: RefObject<PreviewHandle | null>;
}

/** Keys that work while one writes: all of them with Alt, but for taking back. */
export function useShortcuts(context: Context): void {
  const latest = useRef(context);
  useEffect(() => {
    latest.current = context;
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const run = command(event, latest.current);
      if (!run) return;
      event.preventDefault();
      run();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}

function command(event: KeyboardEvent, { state, dispatch, preview }: Context): (() => void) | null {
  const key = event.key.toLowerCase();
  const isCommand = event.ctrlKey || event.metaKey;
  if (isCommand && key === "z") return () => dispatch({ do: event.shiftKey ? "redo" : "undo" });
  if (!event.altKey || isCommand) return null;
  const player = preview.current;
  const { chosen, cues } = state;
  if (!player) return null;
  const at = player.time();
  const step = (by: number) => () => {
    const index = cues.findIndex((cue) => cue.key === chosen);
    const cue = cues[Math.min(cues.length - 1, Math.max(0, index + by))];
    if (!cue) return;
    dispatch({ do: "choose", key: cue.key });
    player.seek(cue.start);
  };
  // By place on the keyboard, since with Alt many layouts write something else.
  switch (event.code) {
    case "KeyK":
      return () => player.toggle();
    case "KeyJ":
      return () => player.seek(at - 2);
    case "KeyS":
      return chosen === null ? null : () => dispatch({ do: "time", key: chosen, start: at });
    case "KeyE":
      return chosen === null ? null : () => dispatch({ do: "time", key: chosen, end: at });
    case "KeyA":
      return () => dispatch({ do: "add", at, duration: player.duration() });
    case "ArrowUp":
      return step(-1);
    case "ArrowDown":
      return step(1);
    default:
      return null;
  }
}
