import { useInfiniteQuery } from "@tanstack/react-query";
import { MessageSquareQuote } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Video } from "@/api/types";
import { TweetForm } from "@/features/channel/TweetForm";
import { useMe } from "@/session/session";
import { TweetCard } from "@/ui/TweetCard";
import { tweetsAboutQuery } from "./queries";
import classes from "./TweetsAbout.module.css";

const FIRST = 2;

interface Props {
  video: Video;
  onSeek: (at: number) => void;
  time: () => number;
}

/** What is tweeted about this video, each at its place in it. */
export function TweetsAbout({ video, onSeek, time }: Props) {
  const { t } = useTranslation("watch");
  const me = useMe();
  const [isOpen, setIsOpen] = useState(false);
  const { data, hasNextPage, fetchNextPage } = useInfiniteQuery(tweetsAboutQuery(video._id));
  const tweets = data?.pages.flatMap((page) => page.items) ?? [];
  if (tweets.length === 0 && !me) return null;
  const shown = isOpen ? tweets : tweets.slice(0, FIRST);
  return (
    <section className={classes.tweets}>
      <h2>
        <MessageSquareQuote size={18} aria-hidden /> {t("tweets.title")}
      </h2>
      {me && isOpen && <TweetForm video={video._id} at={time} />}
      {shown.map((tweet) => (
        <TweetCard key={tweet._id} tweet={tweet} onSeek={onSeek} />
      ))}
      {!isOpen && (me || tweets.length > FIRST) && (
        <button type="button" className={classes.more} onClick={() => setIsOpen(true)}>
          {me ? t("tweets.write") : t("more")}
        </button>
      )}
      {isOpen && hasNextPage && (
        <button type="button" className={classes.more} onClick={() => void fetchNextPage()}>
          {t("more")}
        </button>
      )}
    </section>
  );
}
