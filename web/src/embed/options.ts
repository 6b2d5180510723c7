// What the address of an embed may ask for: /embed/ID?t=90&autoplay=1&muted=1&loop=1&controls=0
import { seconds } from "@/lib/format";

export interface Options {
  /** Where to begin, in seconds. */
  at: number;
  isAuto: boolean;
  isMuted: boolean;
  isLooped: boolean;
  hasControls: boolean;
}

const isOn = (value: string | null) => value !== null && value !== "0" && value !== "false";

export function options(query: URLSearchParams): Options {
  const isAuto = isOn(query.get("autoplay"));
  return {
    at: seconds(query.get("t") ?? query.get("start")) ?? 0,
    isAuto,
    isMuted: isOn(query.get("muted")),
    isLooped: isOn(query.get("loop")),
    // Without controls, something else has to begin it.
    hasControls: !isAuto || isOn(query.get("controls") ?? "1"),
  };
}
