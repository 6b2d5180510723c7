import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, unwrapSlice } from "@/api/client";
import type { Subscription } from "@/api/types";
import { useMe } from "@/session/session";

const NONE: Subscription[] = [];

export const followedQuery = (me: string | undefined) =>
  queryOptions({
    queryKey: ["followed", me],
    enabled: me !== undefined,
    staleTime: 5 * 60_000,
    queryFn: async () => {
      const path = { subscriberId: me ?? "" };
      const query = { cursor: "", limit: "30" };
      const call = api.GET("/api/v1/subscriptions/u/{subscriberId}", { params: { path, query } });
      return (await unwrapSlice<Subscription>(call)).items;
    },
  });

/** The channels that one follows, the latest first; as many as a column has room for. */
export function useFollowed(): Subscription[] {
  const me = useMe();
  return useQuery(followedQuery(me?._id)).data ?? NONE;
}
