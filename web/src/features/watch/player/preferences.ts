// How somebody likes to watch, kept on this browser.
import { useSyncExternalStore } from "react";

export const CAPTION_SIZES = ["small", "medium", "large"] as const;
export type CaptionSize = (typeof CAPTION_SIZES)[number];

/** What is behind the words of subtitles; without anything they have a shadow. */
export const CAPTION_BACKGROUNDS = ["solid", "soft", "none"] as const;
export type CaptionBackground = (typeof CAPTION_BACKGROUNDS)[number];

export interface Preferences {
  volume: number;
  isMuted: boolean;
  rate: number;
  /** Language of subtitles; empty: none. */
  captions: string;
  isTheatre: boolean;
  autoplay: boolean;
  captionSize: CaptionSize;
  captionBackground: CaptionBackground;
}

const KEY = "streamsphere-player";
const STANDARD: Preferences = {
  volume: 1,
  isMuted: false,
  rate: 1,
  captions: "",
  isTheatre: false,
  autoplay: true,
  captionSize: "medium",
  captionBackground: "soft",
};

const watchers = new Set<() => void>();
let known: { text: string; all: Preferences } = { text: "", all: STANDARD };

/** As they are now, also where another tab changed them; the same object as long as nothing did. */
export function preferences(): Preferences {
  try {
    const text = localStorage.getItem(KEY) ?? "";
    if (text !== "" && text !== known.text)
      known = { text, all: { ...STANDARD, ...(JSON.parse(text) as Partial<Preferences>) } };
  } catch {
    // Without storage they hold for this page.
  }
  return known.all;
}

export function prefer(change: Partial<Preferences>): void {
  const all = { ...preferences(), ...change };
  const text = JSON.stringify(all);
  known = { text, all };
  try {
    localStorage.setItem(KEY, text);
  } catch {
    // As above.
  }
  for (const tell of watchers) tell();
}

/** The preferences, told anew when they change. */
export function usePreferences(): Preferences {
  return useSyncExternalStore((tell) => {
    watchers.add(tell);
    return () => watchers.delete(tell);
  }, preferences);
}
