import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { ThumbsUp } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, unwrapSlice } from "@/api/client";
import type { LikedVideo } from "@/api/types";
import { RequireSignIn } from "@/session/RequireSignIn";
import { Endless } from "@/ui/Endless";
import { Page } from "@/ui/Page";
import { RowsSkeleton } from "@/ui/Skeletons";
import { VideoRow } from "@/ui/VideoCard";

const likedQuery = infiniteQueryOptions({
  queryKey: ["liked"],
  initialPageParam: "",
  queryFn: ({ pageParam }) =>
    unwrapSlice<LikedVideo>(
      api.GET("/api/v1/likes/videos", { params: { query: { cursor: pageParam, limit: "30" } } }),
    ),
  getNextPageParam: (last) => last.nextCursor ?? undefined,
  staleTime: 0,
});

const keyOf = (like: LikedVideo) => like._id;

function List() {
  const { t } = useTranslation("library");
  const list = useInfiniteQuery(likedQuery);
  return (
    <Page title={t("liked.title")} width="text">
      <Endless
        list={list}
        keyOf={keyOf}
        estimate={150}
        skeleton={<RowsSkeleton count={6} />}
        empty={{ icon: ThumbsUp, title: t("liked.empty.title"), text: t("liked.empty.text") }}
      >
        {(like) => <VideoRow video={like.video} isSmall />}
      </Endless>
    </Page>
  );
}

export default function LikedPage() {
  return (
    <RequireSignIn>
      <List />
    </RequireSignIn>
  );
}
