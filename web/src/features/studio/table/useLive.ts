// Keeps the table as the server tells: changed details at once, progress once a second.
import { useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { api, unwrap } from "@/api/client";
import { useEvent } from "@/events/useEvents";
import { patch, renewVideos } from "./queries";

const PAUSE_MS = 1_000;

export function useLive(): void {
  const queries = useQueryClient();
  const looked = useRef(new Map<string, number>());
  useEvent("video.updated", (event) => {
    const { video, title, visibility, isPublished, status, progress } = event;
    const isKnown = patch(queries, video, { title, visibility, isPublished, status, progress });
    // What has just come, and what is just ready, has a poster, a length and more that is not told.
    if (!isKnown || status !== "processing") void renewVideos(queries);
  });
  useEvent("video.removed", () => void renewVideos(queries));
  useEvent("job.progress", ({ video }) => {
    const last = looked.current.get(video ?? "") ?? 0;
    if (!video || Date.now() - last < PAUSE_MS) return;
    looked.current.set(video, Date.now());
    const call = api.GET("/api/v1/videos/{id}/status", { params: { path: { id: video } } });
    unwrap(call).then(
      ({ status, progress }) => patch(queries, video, { status, progress }),
      // It is told of again.
      () => undefined,
    );
  });
  useEvent("job.failed", () => void renewVideos(queries));
}
