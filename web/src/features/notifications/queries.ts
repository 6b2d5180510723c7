import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { Notification, Notifications } from "@/api/types";

/** How many are unread. */
export const unreadQuery = queryOptions({
  queryKey: ["notifications", "unread"],
  queryFn: async (): Promise<number> => {
    const call = api.GET("/api/v1/notifications", { params: { query: { limit: "1" } } });
    return (await unwrap(call)).unreadCount;
  },
  staleTime: 60_000,
});

export const notificationsQuery = (limit: number) =>
  infiniteQueryOptions({
    queryKey: ["notifications", "list", limit],
    initialPageParam: "",
    queryFn: ({ pageParam }): Promise<Notifications> =>
      unwrap(
        api.GET("/api/v1/notifications", { params: { query: { cursor: pageParam, limit: String(limit) } } }),
      ),
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  });

export const markRead = (what: { upTo?: string; ids?: string[] }) =>
  unwrap(api.POST("/api/v1/notifications/read", { body: what }));

/** Where a notification leads. */
export function place(one: Notification): string {
  if (one.kind === "webhookDisabled") return "/account/webhooks";
  if (one.video) {
    const comment = one.comment ? `?comment=${one.comment._id}` : "";
    if (one.kind === "processingFailed") return `/studio/videos/${one.video._id}`;
    if (one.kind === "commentHeld") return "/studio/comments";
    return `/watch/${one.video._id}${comment}`;
  }
  if (one.tweet && one.actor) return `/@${one.actor.username}/tweets`;
  return one.actor ? `/@${one.actor.username}` : "/notifications";
}
