import { queryOptions } from "@tanstack/react-query";
import { type ApiError, refusal } from "@/api/client";
import { fetchWithSession } from "@/api/refresh";
import type { Video } from "@/api/types";

/** The text of a video's subtitles in a language; empty where there are none yet. */
export const trackQuery = (video: Pick<Video, "_id" | "captions">, language: string) =>
  queryOptions({
    queryKey: ["track", video._id, language],
    queryFn: async () => {
      const track = video.captions.find((one) => one.language === language);
      if (!track) return "";
      const response = await fetchWithSession(new Request(track.url));
      if (!response.ok) throw refusal(response, await response.json().catch(() => null));
      return response.text();
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });

/** Puts subtitles in the place of those that are there; throws {@link ApiError}. */
export async function saveTrack(video: string, language: string, label: string, text: string): Promise<void> {
  const query = new URLSearchParams({ label });
  const path = `/api/v1/videos/${video}/captions/${encodeURIComponent(language)}?${query}`;
  const headers = { "Content-Type": "text/vtt", "X-Requested-With": "fetch" };
  const response = await fetchWithSession(new Request(path, { method: "PUT", body: text, headers }));
  if (!response.ok) throw refusal(response, await response.json().catch(() => null)) satisfies ApiError;
}

const draftKey = (video: string, language: string) => `streamsphere-captions-${video}-${language}`;

/** What was written and not saved, on this browser. */
export const draft = {
  read(video: string, language: string): string | null {
    try {
      return localStorage.getItem(draftKey(video, language));
    } catch {
      return null;
    }
  },
  keep(video: string, language: string, text: string): void {
    try {
      localStorage.setItem(draftKey(video, language), text);
    } catch {
      // It is full or not there: the page is left with a warning all the same.
    }
  },
  drop(video: string, language: string): void {
    try {
      localStorage.removeItem(draftKey(video, language));
    } catch {
      // As above.
    }
  },
};
