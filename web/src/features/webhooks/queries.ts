import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, unwrap, unwrapSlice } from "@/api/client";
import type { components } from "@/api/schema";

export type Webhook = components["schemas"]["WebhookBody"];
export type Delivery = components["schemas"]["DeliveryBody"];

/** What a webhook can be told of. */
export const EVENTS = [
  "video.published",
  "video.ready",
  "video.failed",
  "video.removed",
  "comment.created",
  "tweet.created",
  "subscriber.added",
] as const;
export type Event = (typeof EVENTS)[number];

type Word<E extends string> = E extends `${infer A}.${infer B}` ? `${A}_${B}` : never;

/** Its key among the words: points part keys there. */
export function wordOf<E extends Event>(event: E): Word<E> {
  return event.replace(".", "_") as Word<E>;
}

export const webhooksQuery = queryOptions({
  queryKey: ["webhooks"],
  queryFn: () => unwrap(api.GET("/api/v1/webhooks")),
  staleTime: 0,
});

const SENDING_MS = 1_500;

/** What was sent. While something is on its way, it is looked for again. */
export const deliveriesQuery = (webhookId: string) =>
  infiniteQueryOptions({
    queryKey: ["webhooks", webhookId, "deliveries"],
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      unwrapSlice<Delivery>(
        api.GET("/api/v1/webhooks/{webhookId}/deliveries", {
          params: { path: { webhookId }, query: { cursor: pageParam, limit: "20" } },
        }),
      ),
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    refetchInterval: (query) => {
      const newest = query.state.data?.pages[0]?.items ?? [];
      return newest.some((one) => one.status === "pending" && one.attempts === 0) ? SENDING_MS : false;
    },
    staleTime: 0,
  });
