// The channels that one follows, the latest first.
import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { Users } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, unwrapSlice } from "@/api/client";
import type { Subscription } from "@/api/types";
import { PersonRow } from "@/features/moderation/PersonRow";
import { useFormat } from "@/lib/format";
import { RequireSignIn } from "@/session/RequireSignIn";
import { useMe } from "@/session/session";
import { Endless } from "@/ui/Endless";
import { Page } from "@/ui/Page";
import { ListSkeleton } from "@/ui/Skeletons";
import { SubscribeButton } from "@/ui/SubscribeButton";

const keyOf = (one: Subscription) => one._id;

const followingQuery = (subscriberId: string) =>
  infiniteQueryOptions({
    queryKey: ["followed", subscriberId, "all"],
    enabled: subscriberId !== "",
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      unwrapSlice<Subscription>(
        api.GET("/api/v1/subscriptions/u/{subscriberId}", {
          params: { path: { subscriberId }, query: { cursor: pageParam, limit: "50" } },
        }),
      ),
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  });

function Following() {
  const { t } = useTranslation("moderation");
  const format = useFormat();
  const me = useMe();
  const list = useInfiniteQuery(followingQuery(me?._id ?? ""));
  return (
    <Page title={t("following.title")} width="text">
      <Endless
        list={list}
        keyOf={keyOf}
        estimate={66}
        skeleton={<ListSkeleton count={5} />}
        empty={{ icon: Users, title: t("following.none"), text: t("following.noneText") }}
      >
        {({ channel, createdAt }) => (
          <PersonRow person={channel} note={t("following.since", { when: format.date(createdAt) })}>
            <SubscribeButton channel={{ ...channel, isSubscribed: true }} />
          </PersonRow>
        )}
      </Endless>
    </Page>
  );
}

export default function FollowingPage() {
  return (
    <RequireSignIn>
      <Following />
    </RequireSignIn>
  );
}
