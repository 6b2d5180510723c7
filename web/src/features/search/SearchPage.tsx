// What was found: everything of a few, or one kind without end. Words, kind and order are in the address.
import { infiniteQueryOptions, queryOptions, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Captions, SearchX } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { api, unwrapAs, unwrapSlice } from "@/api/client";
import type { CaptionHit, ChannelHit, SearchResults, TweetHit, Video, VideoHit } from "@/api/types";
import { videosQuery } from "@/features/home/lists";
import { clock, useFormat } from "@/lib/format";
import { Avatar } from "@/ui/Avatar";
import { Choices } from "@/ui/Choices";
import { Endless } from "@/ui/Endless";
import { Highlighted } from "@/ui/Highlighted";
import { Page } from "@/ui/Page";
import { RowsSkeleton } from "@/ui/Skeletons";
import { EmptyState, ErrorState } from "@/ui/States";
import { TweetCard } from "@/ui/TweetCard";
import { VideoRow } from "@/ui/VideoCard";
import { Filters } from "./Filters";
import { asked, countOf, type Filter, filterOf, NO_FILTER, type TagSort, tagOf, withFilter } from "./filter";
import classes from "./SearchPage.module.css";
import { Tagged } from "./Tagged";

const TYPES = ["all", "videos", "channels", "tweets", "captions"] as const;
type Type = (typeof TYPES)[number];

const allQuery = (q: string) =>
  queryOptions({
    queryKey: ["search", q, "all"],
    queryFn: () => unwrapAs<SearchResults>(api.GET("/api/v1/search", { params: { query: { q } } })),
  });

const kindQuery = <T,>(q: string, type: Type, filter: Filter = NO_FILTER) =>
  infiniteQueryOptions({
    queryKey: ["search", q, type, filter],
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      unwrapSlice<T>(
        api.GET("/api/v1/search", {
          params: { query: { q, type, cursor: pageParam, limit: "20", ...asked(filter) } },
        }),
      ),
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  });

const described = (hit: { highlights: VideoHit["highlights"] }) =>
  hit.highlights.find((one) => one.field !== "title");

function ChannelRow({ channel }: { channel: ChannelHit }) {
  const { t } = useTranslation("search");
  const format = useFormat();
  return (
    <Link to={`/@${channel.username}`} className={classes.channel}>
      <Avatar of={channel} size={88} />
      <span>
        <strong>{channel.fullName}</strong>
        <span className="soft">
          @{channel.username} ·{" "}
          {t("subscribers", {
            count: channel.subscribersCount,
            shown: format.compact(channel.subscribersCount),
          })}
        </span>
        {channel.bio && <span className={classes.bio}>{channel.bio}</span>}
      </span>
    </Link>
  );
}

function CaptionRow({ hit }: { hit: CaptionHit }) {
  const { t } = useTranslation("search");
  const words = hit.highlights[0];
  return (
    <VideoRow
      video={hit}
      isSmall
      at={hit.at}
      note={
        <span className={classes.spoken}>
          <Captions size={14} aria-hidden /> {t("spoken", { time: clock(hit.at) })}
        </span>
      }
      text={words ? <Highlighted of={words} /> : hit.text}
    />
  );
}

function All({ q, onMore }: { q: string; onMore: (type: Type) => void }) {
  const { t } = useTranslation("search");
  const { data, error, isPending, refetch } = useQuery(allQuery(q));
  if (isPending) return <RowsSkeleton count={6} />;
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  const isEmpty = [data.videos, data.channels, data.tweets, data.captions].every((list) => list.length === 0);
  if (isEmpty) return <EmptyState icon={SearchX} title={t("none.title", { q })} text={t("none.text")} />;
  const sections = (["channels", "videos", "captions", "tweets"] as const).filter(
    (type) => data[type].length > 0,
  );
  return (
    <>
      {data.correctedQuery && (
        <p className={classes.corrected}>{t("corrected", { q: data.correctedQuery })}</p>
      )}
      {sections.map((type) => (
        <section key={type} className={classes.section}>
          <div className={classes.head}>
            <h2>{t(`types.${type}`)}</h2>
            <button type="button" className={classes.more} onClick={() => onMore(type)}>
              {t("more")}
            </button>
          </div>
          {type === "channels" &&
            data.channels.map((channel) => <ChannelRow key={channel._id} channel={channel} />)}
          {type === "videos" &&
            data.videos.map((video, index) => {
              const words = described(video);
              return (
                <VideoRow
                  key={video._id}
                  video={video}
                  isFirst={index < 3}
                  text={words && <Highlighted of={words} />}
                />
              );
            })}
          {type === "captions" && data.captions.map((hit) => <CaptionRow key={hit._id} hit={hit} />)}
          {type === "tweets" &&
            data.tweets.map((tweet) => <TweetCard key={tweet._id} tweet={{ ...tweet, isLiked: false }} />)}
        </section>
      ))}
    </>
  );
}

const keyOf = (hit: { _id: string }) => hit._id;

function Kind({ q, type, filter }: { q: string; type: Exclude<Type, "all">; filter: Filter }) {
  const { t } = useTranslation("search");
  // Only put in another order, the list of videos walks through all that have the words.
  const isSorted = type === "videos" && filter.sort !== "relevance" && !filter.within && !filter.length;
  const found = useInfiniteQuery({
    ...kindQuery<VideoHit | ChannelHit | TweetHit | CaptionHit>(
      q,
      type,
      type === "videos" ? filter : NO_FILTER,
    ),
    enabled: !isSorted,
  });
  const sorted = useInfiniteQuery({
    ...videosQuery({ query: q, sortBy: filter.sort, sortType: "desc" }),
    enabled: isSorted,
  });
  const isFiltered = type === "videos" && countOf(filter) > 0;
  const empty = {
    icon: SearchX,
    title: t("none.title", { q }),
    text: isFiltered ? t("none.filtered") : t("none.text"),
  };
  if (isSorted) {
    return (
      <Endless
        list={sorted}
        keyOf={keyOf as (video: Video) => string}
        estimate={214}
        skeleton={<RowsSkeleton count={6} />}
        empty={empty}
      >
        {(video) => <VideoRow video={video} text={video.description} />}
      </Endless>
    );
  }
  return (
    <Endless
      list={found}
      keyOf={keyOf}
      estimate={type === "videos" ? 214 : 130}
      skeleton={<RowsSkeleton count={6} />}
      empty={empty}
    >
      {(hit, index) => {
        if (type === "channels") return <ChannelRow channel={hit as ChannelHit} />;
        if (type === "captions") return <CaptionRow hit={hit as CaptionHit} />;
        if (type === "tweets") return <TweetCard tweet={{ ...(hit as TweetHit), isLiked: false }} />;
        const words = described(hit as VideoHit);
        return (
          <VideoRow video={hit as VideoHit} isFirst={index < 3} text={words && <Highlighted of={words} />} />
        );
      }}
    </Endless>
  );
}

export default function SearchPage() {
  const { t } = useTranslation("search");
  const [parameters, setParameters] = useSearchParams();
  const q = (parameters.get("q") ?? "").trim().slice(0, 200);
  const type = TYPES.find((one) => one === parameters.get("type")) ?? "all";
  const filter = filterOf(parameters);
  const set = (next: URLSearchParams) => setParameters(next, { replace: true });
  const tagged = tagOf(parameters);
  if (tagged) {
    const onSort = (sort: TagSort) => set(withFilter(parameters, { ...NO_FILTER, sort }));
    return <Tagged {...tagged} onSort={onSort} />;
  }
  const setType = (to: Type) => {
    const next = withFilter(parameters, NO_FILTER);
    if (to === "all") next.delete("type");
    else next.set("type", to);
    set(next);
  };
  return (
    <Page title={q ? t("title", { q }) : t("titleNone")} width="text" isTitleUnseen>
      <Choices
        label={t("kinds")}
        value={type}
        options={TYPES.map((value) => ({ value, label: t(`types.${value}`) }))}
        onChange={setType}
      />
      {type === "videos" && <Filters filter={filter} onChange={(to) => set(withFilter(parameters, to))} />}
      {q === "" ? (
        <EmptyState icon={SearchX} title={t("titleNone")} text={t("words")} />
      ) : type === "all" ? (
        <All q={q} onMore={setType} />
      ) : (
        <Kind q={q} type={type} filter={filter} />
      )}
    </Page>
  );
}
