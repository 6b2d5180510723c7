// A channel: its videos, playlists and tweets, and what it says of itself. The tab is in the address.
import { infiniteQueryOptions, queryOptions, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ListVideo, MessageSquare, Rss, Video as VideoIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import { NavLink, useParams, useSearchParams } from "react-router";
import { api, unwrap, unwrapSlice } from "@/api/client";
import type { Channel, Playlist, Tweet, Video } from "@/api/types";
import NotFoundPage from "@/app/NotFoundPage";
import { videosQuery } from "@/features/home/lists";
import { PlaylistCards } from "@/features/library/PlaylistCard";
import { PersonMenu } from "@/features/moderation/PersonMenu";
import { isNotFound } from "@/lib/errors";
import { useFormat } from "@/lib/format";
import { useMe } from "@/session/session";
import { Avatar } from "@/ui/Avatar";
import { Choices } from "@/ui/Choices";
import { Endless } from "@/ui/Endless";
import { RichText } from "@/ui/RichText";
import { useNotRemoved } from "@/ui/removals";
import { Bone, CardsSkeleton, ListSkeleton } from "@/ui/Skeletons";
import { EmptyState, ErrorState } from "@/ui/States";
import { SubscribeButton } from "@/ui/SubscribeButton";
import { TweetCard } from "@/ui/TweetCard";
import { useTitle } from "@/ui/useTitle";
import { VideoCard } from "@/ui/VideoCard";
import classes from "./ChannelPage.module.css";
import { TweetForm } from "./TweetForm";

export const channelQuery = (username: string) =>
  queryOptions({
    queryKey: ["channel", username],
    queryFn: () => unwrap(api.GET("/api/v1/users/c/{username}", { params: { path: { username } } })),
  });

export const tweetsOfQuery = (userId: string) =>
  infiniteQueryOptions({
    queryKey: ["tweets", { userId }],
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      unwrapSlice<Tweet>(
        api.GET("/api/v1/tweets/user/{userId}", {
          params: { path: { userId }, query: { cursor: pageParam, limit: "20" } },
        }),
      ),
    // Likes of tweets are told by no event.
    refetchInterval: 30_000,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  });

const playlistsOfQuery = (userId: string) =>
  queryOptions({
    queryKey: ["playlists", userId],
    queryFn: async () => {
      const params = { path: { userId }, query: { cursor: "", limit: "100" } };
      return (await unwrapSlice<Playlist>(api.GET("/api/v1/playlist/user/{userId}", { params }))).items;
    },
  });

const SORTS = ["createdAt", "views"] as const;
const keyOf = (one: { _id: string }) => one._id;

function Videos({ channel }: { channel: Channel }) {
  const { t } = useTranslation("channel");
  const [parameters, setParameters] = useSearchParams();
  const sort = SORTS.find((one) => one === parameters.get("sort")) ?? "createdAt";
  const list = useInfiniteQuery(videosQuery({ userId: channel._id, sortBy: sort, sortType: "desc" }));
  return (
    <>
      <Choices
        label={t("order")}
        value={sort}
        options={SORTS.map((value) => ({ value, label: t(`sorts.${value}`) }))}
        onChange={(value) =>
          setParameters(value === "createdAt" ? {} : { sort: value }, {
            replace: true,
            preventScrollReset: true,
          })
        }
      />
      <Endless
        list={list}
        keyOf={keyOf as (one: Video) => string}
        estimate={90}
        cardWidth={264}
        empty={{ icon: VideoIcon, title: t("videos.none") }}
      >
        {(video, index) => <VideoCard video={video} isOwn isFirst={index < 4} />}
      </Endless>
    </>
  );
}

function Playlists({ channel }: { channel: Channel }) {
  const { t } = useTranslation("channel");
  const { data, error, isPending, refetch } = useQuery(playlistsOfQuery(channel._id));
  if (isPending) return <CardsSkeleton rows={1} />;
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (data.length === 0) return <EmptyState icon={ListVideo} title={t("playlists.none")} />;
  return <PlaylistCards playlists={data} />;
}

function Tweets({ channel }: { channel: Channel }) {
  const { t } = useTranslation("channel");
  const me = useMe();
  const list = useInfiniteQuery(tweetsOfQuery(channel._id));
  const isThere = useNotRemoved<Tweet>();
  return (
    <div className={classes.text}>
      {me?._id === channel._id && <TweetForm />}
      <Endless
        list={list}
        keyOf={keyOf as (one: Tweet) => string}
        estimate={110}
        filter={isThere}
        skeleton={<ListSkeleton count={4} />}
        empty={{ icon: MessageSquare, title: t("tweets.none") }}
      >
        {(tweet) => <TweetCard tweet={tweet} />}
      </Endless>
    </div>
  );
}

function About({ channel }: { channel: Channel }) {
  const { t } = useTranslation("channel");
  const format = useFormat();
  return (
    <div className={classes.text}>
      {channel.bio ? <RichText text={channel.bio} /> : <p className="soft">{t("about.none")}</p>}
      <dl className={classes.facts}>
        <dt>{t("about.joined")}</dt>
        <dd>{format.date(channel.createdAt)}</dd>
        <dt>{t("about.views")}</dt>
        <dd>{format.number(channel.totalViews)}</dd>
        <dt>{t("about.feed")}</dt>
        <dd>
          <a className="link" href={`/api/v1/feeds/channel/${channel.username}.xml`}>
            <Rss size={14} aria-hidden /> RSS
          </a>
        </dd>
      </dl>
    </div>
  );
}

const TABS = { videos: Videos, playlists: Playlists, tweets: Tweets, about: About };
type Tab = keyof typeof TABS;

function Frame({ username, tab }: { username: string; tab: Tab }) {
  const { t } = useTranslation("channel");
  const format = useFormat();
  const me = useMe();
  const { data: channel, error, refetch } = useQuery(channelQuery(username));
  useTitle(channel?.fullName);
  if (isNotFound(error)) return <NotFoundPage />;
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  const Content = TABS[tab];
  return (
    <div className={classes.channel}>
      {channel?.coverImage && (
        <img className={classes.cover} src={channel.coverImage} alt="" fetchPriority="high" />
      )}
      <div className={classes.head}>
        {channel ? <Avatar of={channel} size={96} /> : <Bone width={96} height={96} round />}
        {channel ? (
          <div className={classes.who}>
            <h1>{channel.fullName}</h1>
            <p className="soft">
              @{channel.username} ·{" "}
              {t("subscribers", {
                count: channel.subscribersCount,
                shown: format.compact(channel.subscribersCount),
              })}{" "}
              · {t("videos.count", { count: channel.videosCount })}
            </p>
            {channel.bio && <p className={classes.bio}>{channel.bio}</p>}
          </div>
        ) : (
          <div className={classes.who}>
            <Bone width="14rem" height={26} />
            <Bone width="18rem" height={16} />
          </div>
        )}
        {channel && me?._id !== channel._id && <SubscribeButton channel={channel} />}
        {channel && me?._id !== channel._id && <PersonMenu person={channel} />}
      </div>
      <nav className={classes.tabs} aria-label={t("tabs")}>
        {(Object.keys(TABS) as Tab[]).map((name) => (
          <NavLink
            key={name}
            to={name === "videos" ? `/@${username}` : `/@${username}/${name}`}
            end
            preventScrollReset
          >
            {t(`tabNames.${name}`)}
          </NavLink>
        ))}
      </nav>
      {channel ? <Content channel={channel} /> : <CardsSkeleton />}
    </div>
  );
}

export default function ChannelPage() {
  const { handle = "", tab = "videos" } = useParams();
  if (!handle.startsWith("@") || handle.length < 2 || !(tab in TABS)) return <NotFoundPage />;
  return <Frame username={handle.slice(1)} tab={tab as Tab} />;
}
