import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, unwrap, unwrapSlice } from "@/api/client";
import type { Comment, Tweet } from "@/api/types";

export const videoQuery = (id: string) =>
  queryOptions({
    queryKey: ["video", id],
    queryFn: () => unwrap(api.GET("/api/v1/videos/{id}", { params: { path: { id } } })),
  });

/** What the player needs. Signed addresses end, so it is asked for anew with each visit. */
export const playbackQuery = (id: string) =>
  queryOptions({
    queryKey: ["video", id, "playback"],
    queryFn: () => unwrap(api.GET("/api/v1/videos/{id}/playback", { params: { path: { id } } })),
    staleTime: 5_000,
    gcTime: 5_000,
  });

export const relatedQuery = (id: string) =>
  queryOptions({
    queryKey: ["video", id, "related"],
    queryFn: () => unwrap(api.GET("/api/v1/videos/{id}/related", { params: { path: { id } } })),
    staleTime: 5 * 60_000,
  });

/** One comment or reply, for a link that leads to it. */
export const commentQuery = (commentId: string) =>
  queryOptions({
    queryKey: ["comment", commentId],
    queryFn: () => unwrap(api.GET("/api/v1/comments/c/{commentId}", { params: { path: { commentId } } })),
  });

export const commentsQuery = (id: string, sortBy: string, words = "") =>
  infiniteQueryOptions({
    queryKey: ["comments", id, sortBy, words],
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      unwrapSlice<Comment>(
        api.GET("/api/v1/comments/{id}", {
          params: {
            path: { id },
            query: {
              cursor: pageParam,
              limit: "20",
              sortBy,
              sortType: "desc",
              ...(words ? { query: words } : {}),
            },
          },
        }),
      ),
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  });

export const repliesQuery = (commentId: string) =>
  infiniteQueryOptions({
    queryKey: ["replies", commentId],
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      unwrapSlice<Comment>(
        api.GET("/api/v1/comments/c/{commentId}/replies", {
          params: { path: { commentId }, query: { cursor: pageParam, limit: "20" } },
        }),
      ),
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  });

export const tweetsAboutQuery = (videoId: string) =>
  infiniteQueryOptions({
    queryKey: ["tweets", { videoId }],
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      unwrapSlice<Tweet>(
        api.GET("/api/v1/tweets", { params: { query: { videoId, cursor: pageParam, limit: "10" } } }),
      ),
    // Likes of tweets are told by no event.
    refetchInterval: 30_000,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  });

export const setVideoLike = (id: string, to: boolean) => {
  const params = { params: { path: { id } } };
  return unwrap(to ? api.PUT("/api/v1/likes/v/{id}", params) : api.DELETE("/api/v1/likes/v/{id}", params));
};
