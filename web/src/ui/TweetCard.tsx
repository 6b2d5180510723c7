import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, unwrap } from "@/api/client";
import type { Tweet } from "@/api/types";
import { clock, useFormat } from "@/lib/format";
import { Avatar } from "./Avatar";
import { MoreMenu } from "./LazyMenu";
import { LikeButton } from "./LikeButton";
import { RichText } from "./RichText";
import { useNotRemoved } from "./removals";
import classes from "./TweetCard.module.css";

const Entries = lazy(() => import("@/features/channel/TweetEntries"));
const Edit = lazy(() => import("@/features/channel/TweetEdit"));

const setLike = (tweetId: string, to: boolean) => {
  const params = { params: { path: { tweetId } } };
  return unwrap(
    to ? api.PUT("/api/v1/likes/t/{tweetId}", params) : api.DELETE("/api/v1/likes/t/{tweetId}", params),
  );
};

export function TweetCard({
  tweet,
  isBoxed,
  onSeek,
}: {
  tweet: Tweet;
  isBoxed?: boolean;
  onSeek?: (at: number) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const at = tweet.videoAt ?? null;
  const [isEdited, setIsEdited] = useState(false);
  const isThere = useNotRemoved<Tweet>();
  if (!isThere(tweet)) return null;
  const text = <RichText text={tweet.content} {...(onSeek ? { onSeek } : {})} />;
  return (
    <article className={classes.tweet} data-boxed={isBoxed || undefined}>
      <Link to={`/@${tweet.owner.username}`} tabIndex={-1} aria-hidden>
        <Avatar of={tweet.owner} size={40} />
      </Link>
      <div className={classes.words}>
        <p className={classes.head}>
          <Link to={`/@${tweet.owner.username}`}>
            <strong>{tweet.owner.fullName}</strong>
          </Link>
          <time className="soft" dateTime={tweet.createdAt}>
            {format.ago(tweet.createdAt)}
          </time>
        </p>
        {isEdited ? (
          <Suspense fallback={text}>
            <Edit tweet={tweet} onDone={() => setIsEdited(false)} />
          </Suspense>
        ) : (
          text
        )}
        {tweet.video && at !== null && !onSeek && (
          <Link className="link" to={`/watch/${tweet.video}?t=${Math.floor(at)}`}>
            {t("video.watchAt", { time: clock(at) })}
          </Link>
        )}
        {at !== null && onSeek && (
          <button type="button" className={classes.at} onClick={() => onSeek(at)}>
            {clock(at)}
          </button>
        )}
        <LikeButton id={tweet._id} isLiked={tweet.isLiked} count={tweet.likesCount} onSet={setLike} />
      </div>
      <MoreMenu label={t("tweetMore", { name: tweet.owner.fullName })}>
        <Entries tweet={tweet} onEdit={() => setIsEdited(true)} />
      </MoreMenu>
    </article>
  );
}
