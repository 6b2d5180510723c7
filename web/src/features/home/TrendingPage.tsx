import { useInfiniteQuery } from "@tanstack/react-query";
import { Flame } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Video } from "@/api/types";
import { Endless } from "@/ui/Endless";
import { Page } from "@/ui/Page";
import { RowsSkeleton } from "@/ui/Skeletons";
import { VideoRow } from "@/ui/VideoCard";
import { trendingQuery } from "./lists";

const keyOf = (video: Video) => video._id;

export default function TrendingPage() {
  const { t } = useTranslation("home");
  const list = useInfiniteQuery(trendingQuery);
  return (
    <Page title={t("trending.title")} about={t("trending.about")}>
      <Endless
        list={list}
        keyOf={keyOf}
        estimate={214}
        skeleton={<RowsSkeleton count={6} />}
        empty={{ icon: Flame, title: t("trending.empty.title"), text: t("trending.empty.text") }}
      >
        {(video, index) => <VideoRow video={video} isFirst={index < 3} text={video.description} />}
      </Endless>
    </Page>
  );
}
