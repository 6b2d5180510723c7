// Comments that wait, who may comment, and whom one does not want to hear.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, type Slice, unwrap, unwrapSlice } from "@/api/client";
import type { components } from "@/api/schema";

type Schemas = components["schemas"];
export type Waiting = Schemas["WaitingCommentBody"];
export type OwnHeld = Schemas["HeldCommentBody"];
export type CommentSettings = Schemas["CommentSettingsBody"];
export type Blocked = Schemas["BlockBody"];
export type Subscriber = Schemas["SubscriberBody"];

const next = <T>(last: Slice<T>) => last.nextCursor ?? undefined;

/** As many as the server decides about at once. */
export const MOST_AT_ONCE = 100;

/** What waits on one's channel, perhaps under one video only. */
export const heldQuery = (videoId: string | null) =>
  infiniteQueryOptions({
    queryKey: ["held", { videoId }],
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      unwrap(
        api.GET("/api/v1/comments/held", {
          params: { query: { cursor: pageParam, limit: "100", ...(videoId ? { videoId } : {}) } },
        }),
      ) as Promise<Slice<Waiting>>,
    getNextPageParam: next<Waiting>,
    staleTime: 0,
  });

/** What one wrote oneself that waits. */
export const ownHeldQuery = (me: string | undefined) =>
  queryOptions({
    queryKey: ["own-held", me],
    enabled: me !== undefined,
    queryFn: async () =>
      (await unwrap(api.GET("/api/v1/comments/held/mine", { params: { query: { limit: "100" } } }))).items,
  });

/** Decides about many; answers those that could not be decided. */
export async function decide(what: "approve" | "remove", ids: readonly string[], keepalive = false) {
  const refused: { _id: string; code: string | null }[] = [];
  for (let start = 0; start < ids.length; start += MOST_AT_ONCE) {
    const options = { body: { ids: ids.slice(start, start + MOST_AT_ONCE) }, keepalive };
    const call =
      what === "approve"
        ? api.POST("/api/v1/comments/held/approve", options)
        : api.POST("/api/v1/comments/held/remove", options);
    const { results } = await unwrap(call);
    for (const one of results) if (!one.done) refused.push({ _id: one._id, code: one.code ?? null });
  }
  return refused;
}

export const settingsQuery = queryOptions({
  queryKey: ["comment-settings"],
  queryFn: () => unwrap(api.GET("/api/v1/users/comment-settings")),
});

/** Whether comments are taken under a video: `on`, `held`, `off`. */
export const modeQuery = (id: string) =>
  queryOptions({
    queryKey: ["video", id, "comments-mode"],
    queryFn: async () =>
      (await unwrap(api.GET("/api/v1/videos/{id}/comment-settings", { params: { path: { id } } })))
        .commentsMode,
  });

export const blocksQuery = infiniteQueryOptions({
  queryKey: ["blocks"],
  initialPageParam: "",
  queryFn: ({ pageParam }) =>
    unwrapSlice<Blocked>(
      api.GET("/api/v1/users/blocks", { params: { query: { cursor: pageParam, limit: "50" } } }),
    ),
  getNextPageParam: next<Blocked>,
});

export const setBlock = (userId: string, to: boolean) => {
  const params = { params: { path: { userId } } };
  return unwrap(
    to
      ? api.PUT("/api/v1/users/blocks/{userId}", params)
      : api.DELETE("/api/v1/users/blocks/{userId}", params),
  );
};

export const subscribersQuery = (channelId: string) =>
  infiniteQueryOptions({
    queryKey: ["subscribers", channelId],
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      unwrapSlice<Subscriber>(
        api.GET("/api/v1/subscriptions/c/{channelId}", {
          params: { path: { channelId }, query: { cursor: pageParam, limit: "50" } },
        }),
      ),
    getNextPageParam: next<Subscriber>,
  });
