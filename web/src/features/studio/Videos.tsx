import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Eye, MessageSquare, ThumbsUp, Video as VideoIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Video } from "@/api/types";
import { useEvent } from "@/events/useEvents";
import { videosQuery } from "@/features/home/lists";
import { useFormat } from "@/lib/format";
import { useMe } from "@/session/session";
import { Endless } from "@/ui/Endless";
import { RowsSkeleton } from "@/ui/Skeletons";
import { Thumb } from "@/ui/VideoCard";
import classes from "./StudioPage.module.css";

const keyOf = (video: Video) => video._id;
const STATUSES = ["ready", "processing", "failed", "rejected"] as const;

function Row({ video }: { video: Video }) {
  const { t } = useTranslation(["studio", "common"]);
  const format = useFormat();
  const status = STATUSES.find((one) => one === video.status) ?? "processing";
  const isBad = status === "failed" || status === "rejected";
  return (
    <article className={classes.row}>
      <Link to={`/watch/${video._id}`} tabIndex={-1} aria-hidden>
        <Thumb video={video} />
      </Link>
      <div className={classes.words}>
        <Link to={`/studio/videos/${video._id}`} className={classes.title}>
          {video.title}
        </Link>
        <span className="soft">
          {t(`common:video.visibility.${video.visibility as "private"}`)} · {format.date(video.createdAt)}
        </span>
        {status !== "ready" && (
          <span className={isBad ? classes.bad : "soft"}>
            {t(`status.${status}`, { percent: Math.round(video.progress * 100) })}
            {isBad && video.statusReason ? `: ${video.statusReason}` : ""}
          </span>
        )}
      </div>
      <p className={classes.figures}>
        <span title={t("videos.views")}>
          <Eye size={16} aria-label={t("videos.views")} /> {format.compact(video.views)}
        </span>
        <span title={t("videos.likes")}>
          <ThumbsUp size={16} aria-label={t("videos.likes")} /> {format.compact(video.likesCount)}
        </span>
        <span title={t("videos.comments")}>
          <MessageSquare size={16} aria-label={t("videos.comments")} /> {format.compact(video.commentsCount)}
        </span>
      </p>
    </article>
  );
}

/** All of one's own videos, what is not public too, with how they stand. */
export function Videos() {
  const { t } = useTranslation("studio");
  const me = useMe();
  const queries = useQueryClient();
  const query = videosQuery({ userId: me?._id ?? "" });
  const list = useInfiniteQuery({ ...query, staleTime: 0 });
  const renew = () => void queries.invalidateQueries({ queryKey: query.queryKey });
  useEvent("video.updated", renew);
  useEvent("video.removed", renew);
  return (
    <Endless
      list={list}
      keyOf={keyOf}
      estimate={96}
      skeleton={<RowsSkeleton count={5} />}
      empty={{
        icon: VideoIcon,
        title: t("videos.none"),
        action: (
          <Link className="link" to="/upload">
            {t("videos.upload")}
          </Link>
        ),
      }}
    >
      {(video) => <Row video={video} />}
    </Endless>
  );
}
