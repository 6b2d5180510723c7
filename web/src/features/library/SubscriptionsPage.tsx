import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { MonitorPlay } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { FeedItem } from "@/api/types";
import { feedQuery } from "@/features/home/lists";
import { RequireSignIn } from "@/session/RequireSignIn";
import { Endless } from "@/ui/Endless";
import { Page } from "@/ui/Page";
import { TweetCard } from "@/ui/TweetCard";
import { VideoCard } from "@/ui/VideoCard";
import { useFollowed } from "./followed";
import { Strip } from "./Strip";

const keyOf = (item: FeedItem) => item.video?._id ?? item.tweet?._id ?? "";

function Feed() {
  const { t } = useTranslation(["library", "moderation"]);
  const followed = useFollowed();
  const list = useInfiniteQuery(feedQuery);
  return (
    <Page
      title={t("subscriptions.title")}
      actions={
        followed.length > 0 && (
          <Button component={Link} to="/following" variant="default" size="sm">
            {t("moderation:following.all")}
          </Button>
        )
      }
    >
      <Strip channels={followed.map((one) => one.channel)} />
      <Endless
        list={list}
        keyOf={keyOf}
        estimate={104}
        cardWidth={264}
        empty={{
          icon: MonitorPlay,
          title: t("subscriptions.empty.title"),
          text: t("subscriptions.empty.text"),
          action: (
            <Button component={Link} to="/trending" variant="light">
              {t("subscriptions.empty.find")}
            </Button>
          ),
        }}
      >
        {(item, index) =>
          item.video ? (
            <VideoCard video={item.video} isFirst={index < 4} />
          ) : item.tweet ? (
            <TweetCard tweet={item.tweet} isBoxed />
          ) : null
        }
      </Endless>
    </Page>
  );
}

export default function SubscriptionsPage() {
  return (
    <RequireSignIn>
      <Feed />
    </RequireSignIn>
  );
}
