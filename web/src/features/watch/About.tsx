import { Button, Menu } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Download, Ellipsis, Flag, ListPlus, Share2, SquarePen, ThumbsUp } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Video } from "@/api/types";
import { openDialog } from "@/app/dialogs";
import { useFormat } from "@/lib/format";
import { useMe } from "@/session/session";
import { useNeedsSignIn } from "@/session/useNeedsSignIn";
import { Avatar } from "@/ui/Avatar";
import { RichText } from "@/ui/RichText";
import { SubscribeButton } from "@/ui/SubscribeButton";
import classes from "./About.module.css";
import { setVideoLike, videoQuery } from "./queries";

const ModerateEntry = lazy(() => import("@/features/admin/ModerateEntry"));

interface Props {
  video: Video;
  onSeek: (at: number) => void;
  time: () => number;
}

function Like({ video }: { video: Video }) {
  const { t } = useTranslation(["watch", "channel", "common"]);
  const format = useFormat();
  const queries = useQueryClient();
  const needsSignIn = useNeedsSignIn();
  const key = videoQuery(video._id).queryKey;
  const show = (isLiked: boolean, likesCount: number) =>
    queries.setQueryData(key, (data) => data && { ...data, isLiked, likesCount });
  const like = useMutation({
    mutationFn: (to: boolean) => setVideoLike(video._id, to),
    onMutate: (to) => show(to, video.likesCount + (to ? 1 : -1)),
    onError: () => show(video.isLiked, video.likesCount),
    onSuccess: (answer) => {
      show(answer.isLiked, answer.likesCount);
      void queries.invalidateQueries({ queryKey: ["liked"] });
    },
  });
  return (
    <Button
      variant="default"
      leftSection={<ThumbsUp size={18} fill={video.isLiked ? "currentColor" : "none"} />}
      aria-pressed={video.isLiked}
      aria-label={t("like", { count: video.likesCount })}
      onClick={() => needsSignIn() || like.mutate(!video.isLiked)}
    >
      {format.compact(video.likesCount)}
    </Button>
  );
}

/** Title, channel, actions and description. */
export function About({ video, onSeek, time }: Props) {
  const { t } = useTranslation(["watch", "channel", "common"]);
  const format = useFormat();
  const me = useMe();
  const needsSignIn = useNeedsSignIn();
  const [isOpen, setIsOpen] = useState(false);
  const isOwn = me?._id === video.owner._id;
  const subscribers = video.owner.subscribersCount ?? 0;
  const when = video.publishedAt ?? video.createdAt;

  return (
    <>
      <h1 className={classes.title}>{video.title}</h1>
      {video.takenDown && (
        <p className={classes.down}>{t("takenDown", { reason: video.statusReason ?? "" })}</p>
      )}
      <div className={classes.line}>
        <div className={classes.owner}>
          <Link to={`/@${video.owner.username}`} tabIndex={-1} aria-hidden>
            <Avatar of={video.owner} size={42} />
          </Link>
          <div>
            <Link to={`/@${video.owner.username}`}>
              <strong>{video.owner.fullName}</strong>
            </Link>
            <span className="soft">
              {t("channel:subscribers", { count: subscribers, shown: format.compact(subscribers) })}
            </span>
          </div>
          {isOwn ? (
            <Button
              component={Link}
              to={`/studio/videos/${video._id}`}
              variant="default"
              leftSection={<SquarePen size={16} />}
            >
              {t("edit")}
            </Button>
          ) : (
            <SubscribeButton channel={video.owner} />
          )}
        </div>
        <div className={classes.actions}>
          <Like video={video} />
          <Button
            variant="default"
            leftSection={<Share2 size={18} />}
            onClick={() => openDialog({ kind: "share", video: video._id, title: video.title, at: time() })}
          >
            {t("common:video.share")}
          </Button>
          <Button
            variant="default"
            leftSection={<ListPlus size={18} />}
            onClick={() => needsSignIn() || openDialog({ kind: "save", video: video._id })}
          >
            {t("save")}
          </Button>
          <Menu keepMounted={false}>
            <Menu.Target>
              <Button variant="default" px="xs" aria-label={t("common:video.more", { title: video.title })}>
                <Ellipsis size={18} />
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item
                leftSection={<Download size={18} />}
                onClick={() => openDialog({ kind: "download", video: video._id })}
              >
                {t("download")}
              </Menu.Item>
              {!isOwn && (
                <Menu.Item
                  leftSection={<Flag size={18} />}
                  onClick={() =>
                    needsSignIn() || openDialog({ kind: "report", what: "video", id: video._id })
                  }
                >
                  {t("report.open")}
                </Menu.Item>
              )}
              {(me?.role === "admin" || me?.role === "moderator") && (
                <Suspense>
                  <ModerateEntry kind="video" id={video._id} isDown={video.takenDown ?? false} />
                </Suspense>
              )}
            </Menu.Dropdown>
          </Menu>
        </div>
      </div>
      <div className={classes.box} data-open={isOpen || undefined}>
        <p className={classes.facts}>
          <span>{t("common:video.views", { count: video.views, shown: format.number(video.views) })}</span>
          <time dateTime={when} title={format.dateTime(when)}>
            {format.ago(when)}
          </time>
          {video.visibility !== "public" && (
            <span>{t(`common:video.visibility.${video.visibility as "private"}`)}</span>
          )}
        </p>
        {video.description && (
          <div className={classes.text}>
            <RichText text={video.description} onSeek={onSeek} />
          </div>
        )}
        {isOpen && video.tags.length > 0 && (
          <p className={classes.tags}>
            {video.tags.map((tag) => (
              <Link key={tag} className="link" to={`/search?tag=${encodeURIComponent(tag)}`}>
                #{tag}
              </Link>
            ))}
          </p>
        )}
        {(video.description.length > 140 || video.description.includes("\n") || video.tags.length > 0) && (
          <button
            type="button"
            className={classes.more}
            aria-expanded={isOpen}
            onClick={() => setIsOpen(!isOpen)}
          >
            {isOpen ? t("less") : t("more")}
          </button>
        )}
      </div>
    </>
  );
}
