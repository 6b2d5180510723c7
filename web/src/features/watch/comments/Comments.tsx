// What is said about a video. New comments of others are announced and shown when one asks for them; one's own are
// there at once.
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowUp, MessageSquare } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Comment as CommentType, Video } from "@/api/types";
import { useEvent } from "@/events/useEvents";
import { useFormat } from "@/lib/format";
import { useMe } from "@/session/session";
import { Choices } from "@/ui/Choices";
import { Endless } from "@/ui/Endless";
import { ListSkeleton } from "@/ui/Skeletons";
import { commentsQuery } from "../queries";
import { Comment } from "./Comment";
import { CommentForm } from "./CommentForm";
import classes from "./Comments.module.css";

const SORTS = ["likesCount", "createdAt"] as const;
const keyOf = (comment: CommentType) => comment._id;

export function Comments({ video, onSeek }: { video: Video; onSeek: (at: number) => void }) {
  const { t } = useTranslation("watch");
  const format = useFormat();
  const me = useMe();
  const queries = useQueryClient();
  const [sort, setSort] = useState<(typeof SORTS)[number]>("likesCount");
  const [fresh, setFresh] = useState(0);
  const list = useInfiniteQuery(commentsQuery(video._id, sort));

  const renew = () => {
    setFresh(0);
    void queries.invalidateQueries({ queryKey: ["comments", video._id] });
  };
  useEvent("comment.created", (event) => {
    if (event.video !== video._id) return;
    void queries.invalidateQueries({ queryKey: ["video", video._id], exact: true });
    if (event.parent) {
      void queries.invalidateQueries({ queryKey: ["replies", event.parent] });
      return;
    }
    if (event.owner === me?._id) renew();
    else setFresh((count) => count + 1);
  });
  useEvent("comment.updated", (event) => {
    if (event.video !== video._id) return;
    void queries.invalidateQueries({
      queryKey: event.parent ? ["replies", event.parent] : ["comments", video._id],
    });
  });
  useEvent("comment.removed", (event) => {
    if (event.video !== video._id) return;
    void queries.invalidateQueries({ queryKey: ["comments", video._id] });
    void queries.invalidateQueries({ queryKey: ["replies"] });
  });

  return (
    <section className={classes.comments} aria-labelledby="comments-title">
      <div className={classes.head}>
        <h2 id="comments-title">
          {t("comments.count", { count: video.commentsCount, shown: format.number(video.commentsCount) })}
        </h2>
        <Choices
          label={t("comments.order")}
          value={sort}
          options={SORTS.map((value) => ({ value, label: t(`comments.sorts.${value}`) }))}
          onChange={setSort}
        />
      </div>
      <CommentForm video={video._id} onDone={renew} />
      <div role="status">
        {fresh > 0 && (
          <button type="button" className={classes.fresh} onClick={renew}>
            <ArrowUp size={16} aria-hidden /> {t("comments.fresh", { count: fresh })}
          </button>
        )}
      </div>
      <Endless
        list={list}
        keyOf={keyOf}
        estimate={120}
        skeleton={<ListSkeleton count={4} />}
        empty={{ icon: MessageSquare, title: t("comments.none"), text: t("comments.first") }}
      >
        {(comment) => <Comment comment={comment} video={video} onSeek={onSeek} />}
      </Endless>
    </section>
  );
}
