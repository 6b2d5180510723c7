// The first page: new, trending, or from the channels that one follows. Which of them is in the address.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Flame, MonitorPlay, Sparkles } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import type { FeedItem, Video } from "@/api/types";
import { useMe } from "@/session/session";
import { Choices } from "@/ui/Choices";
import { Endless } from "@/ui/Endless";
import { Page } from "@/ui/Page";
import { VideoCard } from "@/ui/VideoCard";
import { feedQuery, trendingQuery, videosQuery } from "./lists";

const CARD = 264;
const BELOW = 104;
/** As many pictures as the first window shows are fetched at once. */
const FIRST = 4;

const keyOf = (video: Video) => video._id;
const keyOfItem = (item: FeedItem) => item.video?._id ?? item.tweet?._id ?? "";
const isVideo = (item: FeedItem) => Boolean(item.video);

function Fresh() {
  const { t } = useTranslation("home");
  const list = useInfiniteQuery(videosQuery());
  const empty = {
    icon: Sparkles,
    title: t("fresh.empty.title"),
    text: t("fresh.empty.text"),
    action: (
      <Link className="link" to="/upload">
        {t("fresh.empty.upload")}
      </Link>
    ),
  };
  return (
    <Endless list={list} keyOf={keyOf} estimate={BELOW} cardWidth={CARD} empty={empty}>
      {(video, index) => <VideoCard video={video} isFirst={index < FIRST} />}
    </Endless>
  );
}

function Trending() {
  const { t } = useTranslation("home");
  const list = useInfiniteQuery(trendingQuery);
  return (
    <Endless
      list={list}
      keyOf={keyOf}
      estimate={BELOW}
      cardWidth={CARD}
      empty={{ icon: Flame, title: t("trending.empty.title"), text: t("trending.empty.text") }}
    >
      {(video, index) => <VideoCard video={video} isFirst={index < FIRST} />}
    </Endless>
  );
}

function Followed() {
  const { t } = useTranslation("home");
  const list = useInfiniteQuery(feedQuery);
  return (
    <Endless
      list={list}
      keyOf={keyOfItem}
      filter={isVideo}
      estimate={BELOW}
      cardWidth={CARD}
      empty={{ icon: MonitorPlay, title: t("followed.empty.title"), text: t("followed.empty.text") }}
    >
      {(item, index) => item.video && <VideoCard video={item.video} isFirst={index < FIRST} />}
    </Endless>
  );
}

const TABS = ["fresh", "trending", "followed"] as const;

export default function HomePage() {
  const { t } = useTranslation("home");
  const me = useMe();
  const [parameters, setParameters] = useSearchParams();
  const asked = parameters.get("show");
  const tabs = me ? TABS : TABS.slice(0, 2);
  const tab = tabs.find((one) => one === asked) ?? "fresh";
  return (
    <Page title={t("title")} isTitleUnseen>
      <Choices
        label={t("choose")}
        value={tab}
        options={tabs.map((value) => ({ value, label: t(`${value}.title`) }))}
        onChange={(value) =>
          setParameters(value === "fresh" ? {} : { show: value }, { replace: true, preventScrollReset: true })
        }
      />
      {tab === "fresh" && <Fresh />}
      {tab === "trending" && <Trending />}
      {tab === "followed" && <Followed />}
    </Page>
  );
}
