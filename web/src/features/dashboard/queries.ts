import { queryOptions, skipToken } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { components } from "@/api/schema";
import { asked, granularity, type Scope, timeZone } from "./range";

type Schemas = components["schemas"];
export type Series = Schemas["SeriesBody"];
export type TopItem = Schemas["TopItemBody"];
export type Realtime = Schemas["RealtimeBody"];
export type Stats = Schemas["StatsBody"];
/** What the stream tells of a video; a channel's has all. */
export type LiveStats = Pick<Stats, "totalViews" | "totalLikes" | "totalComments" | "totalWatchTime"> &
  Partial<Stats>;
export type RetentionPoint = Schemas["RetentionPointBody"];
export type Quality = Schemas["QualityBody"];

export const METRICS = ["views", "watchTime", "viewers", "subscribers", "likes", "comments"] as const;
export type Metric = (typeof METRICS)[number];
export const PARTS = ["source", "host", "device", "country", "rendition"] as const;
export type Part = (typeof PARTS)[number];

/** Everything that a change of numbers makes old. What the stream itself brings is kept apart. */
export const DASHBOARD = ["dashboard"] as const;
const LIVE = "dashboard-live";

const NOW_AND_THEN_MS = 60_000;

const ofVideo = (video: string | undefined) => (video === undefined ? {} : { videoId: video });

/** One number over time. */
export const seriesQuery = (metric: Metric, scope: Scope) =>
  queryOptions({
    queryKey: [...DASHBOARD, "series", metric, scope],
    staleTime: NOW_AND_THEN_MS,
    queryFn: () =>
      unwrap(
        api.GET("/api/v1/dashboard/timeseries", {
          params: {
            query: {
              metric,
              granularity: granularity(scope.range),
              tz: timeZone(),
              ...(scope.isCompared && { compare: "previous" }),
              ...asked(scope),
              ...ofVideo(scope.video),
            },
          },
        }),
      ),
  });

export type TopMetric = "views" | "watchTime" | "likes" | "comments";

export const topQuery = (by: "video" | Part, metric: TopMetric, scope: Scope) =>
  queryOptions({
    queryKey: [...DASHBOARD, "top", by, metric, scope],
    staleTime: NOW_AND_THEN_MS,
    queryFn: () =>
      unwrap(
        api.GET("/api/v1/dashboard/top", {
          params: { query: { by, metric, limit: "10", ...asked(scope), ...ofVideo(scope.video) } },
        }),
      ),
  });

export const retentionQuery = (video: string, scope: Scope) =>
  queryOptions({
    queryKey: [...DASHBOARD, "retention", video, scope],
    staleTime: NOW_AND_THEN_MS,
    queryFn: () =>
      unwrap(
        api.GET("/api/v1/dashboard/videos/{id}/retention", {
          params: { path: { id: video }, query: asked(scope) },
        }),
      ),
  });

/** How it stands in all. Asked for once; then the stream brings it. Of a video only the stream does. */
export const statsQuery = (video: string | undefined) =>
  queryOptions<LiveStats>({
    queryKey: [LIVE, "stats", video],
    queryFn: video === undefined ? () => unwrap(api.GET("/api/v1/dashboard/stats")) : skipToken,
    staleTime: NOW_AND_THEN_MS,
  });

/** How it is at this moment: from the stream, and asked for where there is none. */
export const realtimeQuery = (video: string | undefined) =>
  queryOptions({
    queryKey: [LIVE, "realtime", video],
    queryFn: () => unwrap(api.GET("/api/v1/dashboard/realtime", { params: { query: ofVideo(video) } })),
    staleTime: NOW_AND_THEN_MS,
  });

export type ExportPer = "videos" | "total" | "channel" | "video";

/** Where the browser gets the range as a file. */
export function exportAddress(format: "csv" | "json", per: ExportPer, scope: Scope): string {
  const query = new URLSearchParams({ format, ...asked(scope) });
  if (per === "total") query.set("granularity", "total");
  if (per === "channel" || per === "video") {
    // Of all videos together the server keeps no hours; of one, or the whole channel, it does.
    query.set("granularity", granularity(scope.range));
    query.set("tz", timeZone());
  }
  if (per === "channel") query.set("per", "channel");
  if (per === "video" && scope.video !== undefined) query.set("videoId", scope.video);
  return `/api/v1/dashboard/export?${query}`;
}
