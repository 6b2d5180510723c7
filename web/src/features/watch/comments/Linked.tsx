// The comment that a link leads to: first in the list, in its thread, marked, and brought into sight.
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { Comment as CommentType, Video } from "@/api/types";
import { isNotFound } from "@/lib/errors";
import { useNotRemoved } from "@/ui/removals";
import { commentQuery } from "../queries";
import { Comment } from "./Comment";
import classes from "./Comments.module.css";

export interface LinkedTo {
  /** At the top of its thread. */
  top?: CommentType;
  /** The reply that is meant, where it is not the top. */
  reply?: CommentType;
  isGone: boolean;
}

export function useLinked(id: string | null, video: string): LinkedTo {
  const isThere = useNotRemoved<CommentType>();
  const one = useQuery({ ...commentQuery(id ?? ""), enabled: id !== null });
  const parent = one.data?.parent ?? null;
  const above = useQuery({ ...commentQuery(parent ?? ""), enabled: parent !== null });
  if (id === null) return { isGone: false };
  const isElsewhere = one.data !== undefined && (one.data.video !== video || !isThere(one.data));
  if (isElsewhere || isNotFound(one.error) || isNotFound(above.error)) return { isGone: true };
  if (parent === null) return { isGone: false, ...(one.data ? { top: one.data } : {}) };
  return above.data && one.data ? { isGone: false, top: above.data, reply: one.data } : { isGone: false };
}

const SETTLED_MS = 2_000;

/**
 * Brings the comment into sight, and keeps it there while the page settles: what stands above it may come later, and
 * the router puts a page that is loaded again where it was. Ends as soon as somebody does something.
 */
function bring(id: string): () => void {
  const find = () => document.getElementById(`comment-${id}`) ?? document.getElementById("linked");
  const look = () => {
    const box = find()?.getBoundingClientRect();
    if (box && (box.top < 0 || box.top > window.innerHeight)) find()?.scrollIntoView({ block: "center" });
  };
  find()?.scrollIntoView({ block: "center" });
  find()?.focus({ preventScroll: true });
  const end = new AbortController();
  const { signal } = end;
  window.addEventListener("scroll", look, { signal, passive: true });
  for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"])
    window.addEventListener(kind, () => end.abort(), { signal, passive: true });
  const timer = setTimeout(() => end.abort(), SETTLED_MS);
  return () => {
    clearTimeout(timer);
    end.abort();
  };
}

interface Props {
  id: string;
  to: LinkedTo;
  video: Video;
  onSeek: (at: number) => void;
  onAll: () => void;
}

export function Linked({ id, to, video, onSeek, onAll }: Props) {
  const { t } = useTranslation("moderation");
  const isHere = to.top !== undefined || to.isGone;
  useEffect(() => (isHere ? bring(id) : undefined), [id, isHere]);
  if (!isHere) return null;
  return (
    <section className={classes.linked} id="linked" tabIndex={-1} aria-label={t("comments.linked")}>
      <p className={classes.linkedHead}>
        <span className="soft">{t(to.isGone ? "comments.linkedGone" : "comments.linked")}</span>
        <Button variant="subtle" size="compact-sm" onClick={onAll}>
          {t("comments.all")}
        </Button>
      </p>
      {to.top && (
        <Comment
          comment={to.top}
          video={video}
          onSeek={onSeek}
          linked={id}
          {...(to.reply ? { first: to.reply } : {})}
        />
      )}
    </section>
  );
}
