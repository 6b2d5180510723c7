// A video in a list: as a card below others, or as a row with a small picture.
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Video } from "@/api/types";
import { clock, useFormat } from "@/lib/format";
import { Avatar } from "./Avatar";
import classes from "./VideoCard.module.css";
import { VideoMenu } from "./VideoMenu";

interface Props {
  video: Video;
  /** Among the first on the page: its picture is fetched at once. */
  isFirst?: boolean;
  /** The channel is known already, as on its own page. */
  isOwn?: boolean;
  /** Where in the video the link leads, in seconds. */
  at?: number;
  /** Instead of views and age. */
  note?: React.ReactNode;
  /** More entries of the menu. */
  extra?: React.ReactNode;
  /** More of the address, such as the playlist that goes on. */
  query?: string;
}

function address(video: Video, at?: number, query = ""): string {
  const parts = [query, at === undefined ? "" : `t=${Math.floor(at)}`].filter(Boolean);
  return `/watch/${video._id}${parts.length > 0 ? `?${parts.join("&")}` : ""}`;
}

export function Thumb({ video, isFirst }: { video: Video; isFirst?: boolean }) {
  const { t } = useTranslation();
  const part = video.resumeAt && video.duration > 0 ? video.resumeAt / video.duration : 0;
  return (
    <span className={classes.thumb}>
      {video.thumbnail && (
        <img
          src={video.thumbnail}
          alt=""
          width={640}
          height={360}
          loading={isFirst ? "eager" : "lazy"}
          fetchPriority={isFirst ? "high" : "auto"}
          decoding={isFirst ? "sync" : "async"}
        />
      )}
      {video.status === "processing" && !video.thumbnail && (
        <span className={classes.state}>{t("video.processing")}</span>
      )}
      {video.duration > 0 && <span className={classes.length}>{clock(Math.round(video.duration))}</span>}
      {part > 0 && (
        <span className={classes.seen}>
          <span style={{ width: `${Math.min(100, part * 100)}%` }} />
        </span>
      )}
    </span>
  );
}

function Facts({ video, note }: { video: Video; note?: React.ReactNode }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (note !== undefined) return <>{note}</>;
  return (
    <>
      {t("video.views", { count: video.views, shown: format.compact(video.views) })}
      <span aria-hidden> · </span>
      <time dateTime={video.publishedAt ?? video.createdAt}>
        {format.ago(video.publishedAt ?? video.createdAt)}
      </time>
    </>
  );
}

export function VideoCard({ video, isFirst, isOwn, at, note, extra, query }: Props) {
  const { t } = useTranslation();
  return (
    <article className={classes.card}>
      <Link to={address(video, at, query)} className={classes.picture} tabIndex={-1} aria-hidden>
        <Thumb video={video} {...(isFirst ? { isFirst } : {})} />
      </Link>
      <div className={classes.below}>
        {!isOwn && (
          <Link to={`/@${video.owner.username}`} tabIndex={-1} aria-hidden>
            <Avatar of={video.owner} size={36} />
          </Link>
        )}
        <div className={classes.words}>
          <h3 className={classes.title}>
            <Link to={address(video, at, query)} title={video.title}>
              {video.title}
            </Link>
          </h3>
          <p className={classes.facts}>
            {!isOwn && (
              <Link to={`/@${video.owner.username}`} className={classes.owner}>
                {video.owner.fullName}
              </Link>
            )}
            <span>
              <Facts video={video} note={note} />
            </span>
            {video.visibility !== "public" && (
              <span className={classes.badge}>{t(`video.visibility.${video.visibility as "private"}`)}</span>
            )}
          </p>
        </div>
        <VideoMenu video={video} extra={extra} />
      </div>
    </article>
  );
}

export function VideoRow({
  video,
  isFirst,
  isOwn,
  at,
  note,
  extra,
  query,
  isSmall,
  text,
}: Props & { isSmall?: boolean; text?: React.ReactNode }) {
  return (
    <article className={classes.row} data-small={isSmall || undefined}>
      <Link to={address(video, at, query)} className={classes.picture} tabIndex={-1} aria-hidden>
        <Thumb video={video} {...(isFirst ? { isFirst } : {})} />
      </Link>
      <div className={classes.words}>
        <h3 className={classes.title}>
          <Link to={address(video, at, query)} title={video.title}>
            {video.title}
          </Link>
        </h3>
        <p className={classes.facts}>
          {!isOwn && (
            <Link to={`/@${video.owner.username}`} className={classes.owner}>
              {video.owner.fullName}
            </Link>
          )}
          <span>
            <Facts video={video} note={note} />
          </span>
        </p>
        {text && <p className={classes.text}>{text}</p>}
      </div>
      <VideoMenu video={video} extra={extra} />
    </article>
  );
}
