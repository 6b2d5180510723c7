// How somebody likes to watch, kept on this browser.
export const CAPTION_SIZES = ["small", "medium", "large"] as const;
export type CaptionSize = (typeof CAPTION_SIZES)[number];

export interface Preferences {
  volume: number;
  isMuted: boolean;
  rate: number;
  /** Language of subtitles; empty: none. */
  captions: string;
  isTheatre: boolean;
  autoplay: boolean;
  captionSize: CaptionSize;
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
};

export function preferences(): Preferences {
  try {
    return { ...STANDARD, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Preferences>) };
  } catch {
    return STANDARD;
  }
}

export function prefer(change: Partial<Preferences>): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...preferences(), ...change }));
  } catch {
    // Without storage it holds for this page.
  }
}
