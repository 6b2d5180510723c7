import { infiniteQueryOptions } from "@tanstack/react-query";
import { api, type Slice, unwrapSlice } from "@/api/client";
import type { FeedItem, Video } from "@/api/types";

const next = <T>(last: Slice<T>) => last.nextCursor ?? undefined;

export interface VideosOf {
  userId?: string;
  tag?: string;
  query?: string;
  sortBy?: string;
  sortType?: string;
}

/** Listed videos, newest first unless said otherwise. */
export const videosQuery = (of: VideosOf = {}) =>
  infiniteQueryOptions({
    queryKey: ["videos", of],
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      unwrapSlice<Video>(
        api.GET("/api/v1/videos", { params: { query: { ...of, cursor: pageParam, limit: "24" } } }),
      ),
    getNextPageParam: next<Video>,
  });

export const trendingQuery = infiniteQueryOptions({
  queryKey: ["videos", "trending"],
  initialPageParam: "",
  queryFn: ({ pageParam }) =>
    unwrapSlice<Video>(
      api.GET("/api/v1/trending", { params: { query: { cursor: pageParam, limit: "24" } } }),
    ),
  getNextPageParam: next<Video>,
});

/** What the channels brought out that one follows. */
export const feedQuery = infiniteQueryOptions({
  queryKey: ["feed"],
  initialPageParam: "",
  queryFn: ({ pageParam }) =>
    unwrapSlice<FeedItem>(
      api.GET("/api/v1/feed/subscriptions", { params: { query: { cursor: pageParam, limit: "24" } } }),
    ),
  getNextPageParam: next<FeedItem>,
});
