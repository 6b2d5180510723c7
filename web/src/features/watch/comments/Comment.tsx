import { Menu } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronDown, Flag, Pencil, Pin, PinOff, Trash2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, unwrap } from "@/api/client";
import type { Comment as CommentType, Video } from "@/api/types";
import { openDialog } from "@/app/dialogs";
import { BlockItem } from "@/features/moderation/BlockItem";
import { modeQuery } from "@/features/moderation/queries";
import { useFormat } from "@/lib/format";
import { useMe } from "@/session/session";
import { useNeedsSignIn } from "@/session/useNeedsSignIn";
import { Avatar } from "@/ui/Avatar";
import { MoreMenu } from "@/ui/LazyMenu";
import { LikeButton } from "@/ui/LikeButton";
import { RichText } from "@/ui/RichText";
import { removeLater, useNotRemoved } from "@/ui/removals";
import { ListSkeleton } from "@/ui/Skeletons";
import { repliesQuery } from "../queries";
import classes from "./Comment.module.css";
import { CommentForm } from "./CommentForm";

const ModerateEntry = lazy(() => import("@/features/admin/ModerateEntry"));

const setLike = (commentId: string, to: boolean) => {
  const params = { params: { path: { commentId } } };
  return unwrap(
    to ? api.PUT("/api/v1/likes/c/{commentId}", params) : api.DELETE("/api/v1/likes/c/{commentId}", params),
  );
};

interface Props {
  comment: CommentType;
  video: Video;
  onSeek: (at: number) => void;
  /** A link leads to this one, or to one in its thread. */
  linked?: string;
  /** A reply that stands before the others: a link leads to it. */
  first?: CommentType;
}

function Actions({ comment, video, onEdit }: { comment: CommentType; video: Video; onEdit: () => void }) {
  const { t } = useTranslation(["watch", "moderation"]);
  const me = useMe();
  const queries = useQueryClient();
  const needsSignIn = useNeedsSignIn();
  const isAuthor = me?._id === comment.owner._id;
  const isOwner = me?._id === video.owner._id;
  const mayRemove = isAuthor || isOwner || me?.role === "admin";
  const path = { params: { path: { commentId: comment._id } } };
  const renew = () => {
    void queries.invalidateQueries({
      queryKey: comment.parent ? ["replies", comment.parent] : ["comments", video._id],
    });
    void queries.invalidateQueries({ queryKey: ["video", video._id], exact: true });
  };
  const remove = () =>
    removeLater({
      ids: [comment._id],
      text: t("moderation:comments.removed"),
      send: async () => {
        await unwrap(api.DELETE("/api/v1/comments/c/{commentId}", { ...path, keepalive: true }));
        renew();
      },
    });
  const pin = useMutation({
    mutationFn: async (to: boolean) => {
      if (to) await unwrap(api.POST("/api/v1/comments/c/{commentId}/pin", path));
      else await unwrap(api.DELETE("/api/v1/comments/c/{commentId}/pin", path));
    },
    onSuccess: renew,
  });
  return (
    <MoreMenu label={t("comments.more", { name: comment.owner.fullName })}>
      {isOwner && !comment.parent && (
        <Menu.Item
          leftSection={comment.isPinned ? <PinOff size={18} /> : <Pin size={18} />}
          onClick={() => pin.mutate(!comment.isPinned)}
        >
          {comment.isPinned ? t("comments.unpin") : t("comments.pin")}
        </Menu.Item>
      )}
      {isAuthor && (
        <Menu.Item leftSection={<Pencil size={18} />} onClick={onEdit}>
          {t("comments.edit")}
        </Menu.Item>
      )}
      {mayRemove && (
        <Menu.Item color="red" leftSection={<Trash2 size={18} />} onClick={remove}>
          {t("comments.remove")}
        </Menu.Item>
      )}
      {!isAuthor && (
        <Menu.Item
          leftSection={<Flag size={18} />}
          onClick={() => needsSignIn() || openDialog({ kind: "report", what: "comment", id: comment._id })}
        >
          {t("report.open")}
        </Menu.Item>
      )}
      {!isAuthor && <BlockItem person={comment.owner} />}
      {(me?.role === "admin" || me?.role === "moderator") && (
        <Suspense>
          <ModerateEntry kind="comment" id={comment._id} />
        </Suspense>
      )}
    </MoreMenu>
  );
}

function Replies({ comment, video, onSeek, first }: Props) {
  const { t } = useTranslation("watch");
  const { data, isPending, hasNextPage, fetchNextPage } = useInfiniteQuery(repliesQuery(comment._id));
  const isThere = useNotRemoved<CommentType>();
  return (
    <div className={classes.replies}>
      {isPending && <ListSkeleton count={1} />}
      {data?.pages
        .flatMap((page) => page.items)
        .filter((reply) => isThere(reply) && reply._id !== first?._id)
        .map((reply) => (
          <Comment key={reply._id} comment={reply} video={video} onSeek={onSeek} />
        ))}
      {hasNextPage && (
        <button type="button" className={classes.toggle} onClick={() => void fetchNextPage()}>
          {t("comments.moreReplies")}
        </button>
      )}
    </div>
  );
}

export function Comment({ comment, video, onSeek, linked, first }: Props) {
  const { t } = useTranslation("watch");
  const format = useFormat();
  const queries = useQueryClient();
  const needsSignIn = useNeedsSignIn();
  const [isEdited, setIsEdited] = useState(false);
  const [isAnswered, setIsAnswered] = useState(false);
  const [areOpen, setAreOpen] = useState(false);
  const thread = comment.parent ?? comment._id;
  const { data: mode } = useQuery(modeQuery(video._id));
  const renew = () => {
    void queries.invalidateQueries({ queryKey: ["comment"] });
    void queries.invalidateQueries({ queryKey: ["own-held"] });
    void queries.invalidateQueries({ queryKey: ["replies", thread] });
    void queries.invalidateQueries({ queryKey: ["comments", video._id] });
  };
  return (
    <article
      className={classes.comment}
      id={`comment-${comment._id}`}
      data-linked={linked === comment._id || undefined}
      tabIndex={linked === comment._id ? -1 : undefined}
    >
      <Link to={`/@${comment.owner.username}`} tabIndex={-1} aria-hidden>
        <Avatar of={comment.owner} size={comment.parent ? 28 : 40} />
      </Link>
      <div className={classes.words}>
        {comment.isPinned && (
          <p className={classes.pinned}>
            <Pin size={14} aria-hidden /> {t("comments.pinned", { name: video.owner.fullName })}
          </p>
        )}
        <p className={classes.head}>
          <Link
            to={`/@${comment.owner.username}`}
            className={classes.name}
            data-owner={comment.owner._id === video.owner._id || undefined}
          >
            {comment.owner.fullName}
          </Link>
          <time className="soft" dateTime={comment.createdAt} title={format.dateTime(comment.createdAt)}>
            {format.ago(comment.createdAt)}
          </time>
          {comment.editedAt && <span className="soft">{t("comments.edited")}</span>}
        </p>
        {isEdited ? (
          <CommentForm
            video={video._id}
            edited={comment}
            onDone={() => {
              setIsEdited(false);
              renew();
            }}
            onCancel={() => setIsEdited(false)}
          />
        ) : (
          <RichText text={comment.content} onSeek={onSeek} />
        )}
        <div className={classes.actions}>
          <LikeButton id={comment._id} isLiked={comment.isLiked} count={comment.likesCount} onSet={setLike} />
          {mode !== "off" && (
            <button
              type="button"
              className={classes.answer}
              onClick={() => needsSignIn() || setIsAnswered(true)}
            >
              {t("comments.reply")}
            </button>
          )}
        </div>
        {isAnswered && (
          <CommentForm
            video={video._id}
            parent={thread}
            start={comment.parent ? `@${comment.owner.username} ` : ""}
            onDone={() => {
              setIsAnswered(false);
              setAreOpen(true);
              renew();
            }}
            onCancel={() => setIsAnswered(false)}
          />
        )}
        {first && (
          <div className={classes.replies}>
            <Comment comment={first} video={video} onSeek={onSeek} {...(linked ? { linked } : {})} />
          </div>
        )}
        {!comment.parent && comment.repliesCount > (first ? 1 : 0) && (
          <button
            type="button"
            className={classes.toggle}
            aria-expanded={areOpen}
            onClick={() => setAreOpen(!areOpen)}
          >
            <ChevronDown size={18} aria-hidden />
            {t("comments.replies", { count: comment.repliesCount })}
          </button>
        )}
        {areOpen && !comment.parent && (
          <Replies comment={comment} video={video} onSeek={onSeek} {...(first ? { first } : {})} />
        )}
      </div>
      <Actions comment={comment} video={video} onEdit={() => setIsEdited(true)} />
    </article>
  );
}
