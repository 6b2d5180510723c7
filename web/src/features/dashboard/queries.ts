import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { components } from "@/api/schema";
import { asked, granularity, type Range, timeZone } from "./range";

type Schemas = components["schemas"];
export type Series = Schemas["SeriesBody"];
export type Top = Schemas["TopBody"];
export type TopItem = Schemas["TopItemBody"];
export type Realtime = Schemas["RealtimeBody"];
export type Stats = Schemas["StatsBody"];
export type Retention = Schemas["RetentionBody"];
export type Quality = Schemas["QualityBody"];

export const METRICS = ["views", "watchTime", "viewers", "subscribers", "likes", "comments"] as const;
export type Metric = (typeof METRICS)[number];
export const PARTS = ["source", "host", "device", "country", "rendition"] as const;
export type Part = (typeof PARTS)[number];

/** Everything that a change of numbers makes old. */
export const DASHBOARD = ["dashboard"] as const;

const NOW_AND_THEN_MS = 60_000;

/** One number over time, beside as much time before. `video`: of this one only. */
export const seriesQuery = (metric: Metric, range: Range, video?: string) =>
  queryOptions({
    queryKey: [...DASHBOARD, "series", { metric, range, video }],
    staleTime: NOW_AND_THEN_MS,
    queryFn: () =>
      unwrap(
        api.GET("/api/v1/dashboard/timeseries", {
          params: {
            query: {
              metric,
              granularity: granularity(range),
              tz: timeZone(),
              compare: "previous",
              ...asked(range),
              ...(video && { videoId: video }),
            },
          },
        }),
      ),
  });

export const topQuery = (by: "video" | Part, range: Range, video?: string) =>
  queryOptions({
    queryKey: [...DASHBOARD, "top", { by, range, video }],
    staleTime: NOW_AND_THEN_MS,
    queryFn: () =>
      unwrap(
        api.GET("/api/v1/dashboard/top", {
          params: { query: { by, limit: "10", ...asked(range), ...(video && { videoId: video }) } },
        }),
      ),
  });

export const retentionQuery = (video: string, range: Range) =>
  queryOptions({
    queryKey: [...DASHBOARD, "retention", { range, video }],
    staleTime: NOW_AND_THEN_MS,
    queryFn: () =>
      unwrap(
        api.GET("/api/v1/dashboard/videos/{id}/retention", {
          params: { path: { id: video }, query: asked(range) },
        }),
      ),
  });

/** Where the browser gets the range as a file. */
export function exportAddress(format: "csv" | "json", range: Range, video?: string): string {
  const query = new URLSearchParams({ format, tz: timeZone(), ...asked(range) });
  // Of all videos together the server keeps no hours: each video's days, then.
  if (video) {
    query.set("videoId", video);
    query.set("granularity", granularity(range));
  }
  return `/api/v1/dashboard/export?${query}`;
}
