// What is said about a video. New comments of others are announced and shown when one asks for them; one's own are
// there at once, or shown as waiting. Words that are looked for, and the comment that a link leads to, stand in the address.
import { TextInput } from "@mantine/core";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowUp, MessageSquare, MessageSquareOff, Search, SearchX } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import type { Comment as CommentType, Video } from "@/api/types";
import { useEvent } from "@/events/useEvents";
import { modeQuery } from "@/features/moderation/queries";
import { useFormat } from "@/lib/format";
import { useDebounced } from "@/lib/useDebounced";
import { useMe } from "@/session/session";
import { Choices } from "@/ui/Choices";
import { Endless } from "@/ui/Endless";
import { useNotRemoved } from "@/ui/removals";
import { ListSkeleton } from "@/ui/Skeletons";
import { commentsQuery } from "../queries";
import { Comment } from "./Comment";
import { CommentForm } from "./CommentForm";
import classes from "./Comments.module.css";
import { Linked, useLinked } from "./Linked";
import { OwnHeld } from "./OwnHeld";

const SORTS = ["likesCount", "createdAt"] as const;
const SETTLE_MS = 300;
const keyOf = (comment: CommentType) => comment._id;

/** Follows what others say; answers how many comments are new. */
function useFresh(video: string) {
  const me = useMe();
  const queries = useQueryClient();
  const [fresh, setFresh] = useState(0);
  const renew = () => {
    setFresh(0);
    for (const key of [["comments", video], ["comment"], ["own-held"]])
      void queries.invalidateQueries({ queryKey: key });
  };
  useEvent("comment.created", (event) => {
    if (event.video !== video) return;
    void queries.invalidateQueries({ queryKey: ["video", video], exact: true });
    if (event.owner === me?._id) void queries.invalidateQueries({ queryKey: ["own-held"] });
    if (event.parent) {
      void queries.invalidateQueries({ queryKey: ["replies", event.parent] });
      void queries.invalidateQueries({ queryKey: ["comments", video] });
      return;
    }
    if (event.owner === me?._id) renew();
    else setFresh((count) => count + 1);
  });
  useEvent("comment.updated", (event) => {
    if (event.video !== video) return;
    for (const key of [[event.parent ? "replies" : "comments", event.parent ?? video], ["comment"]])
      void queries.invalidateQueries({ queryKey: key });
    if (event.owner === me?._id) void queries.invalidateQueries({ queryKey: ["own-held"] });
  });
  useEvent("comment.removed", (event) => {
    if (event.video !== video) return;
    for (const key of [["comments", video], ["replies"], ["comment"]])
      void queries.invalidateQueries({ queryKey: key });
  });
  return { fresh, renew };
}

/** In place of the form while nobody may comment. */
function Off({ video }: { video: Video }) {
  const { t } = useTranslation("moderation");
  const isOwn = useMe()?._id === video.owner._id;
  return (
    <p className={classes.off} role="status">
      <MessageSquareOff size={20} aria-hidden />
      <span>
        <strong>{t("comments.off")}</strong>
        <br />
        <span className="soft">{t(isOwn ? "comments.offOwn" : "comments.offText")}</span>{" "}
        {isOwn && (
          <Link className="link" to={`/studio/videos/${video._id}`}>
            {t("comments.change")}
          </Link>
        )}
      </span>
    </p>
  );
}

function Find({ words, onFind }: { words: string; onFind: (words: string) => void }) {
  const { t } = useTranslation("moderation");
  const [text, setText] = useState(words);
  const settled = useDebounced(text.trim(), SETTLE_MS);
  useEffect(() => {
    if (settled !== words) onFind(settled);
  }, [settled, words, onFind]);
  return (
    <TextInput
      className={classes.find ?? ""}
      type="search"
      size="sm"
      aria-label={t("comments.search")}
      placeholder={t("comments.search")}
      leftSection={<Search size={16} aria-hidden />}
      maxLength={200}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
    />
  );
}

export function Comments({ video, onSeek }: { video: Video; onSeek: (at: number) => void }) {
  const { t } = useTranslation(["watch", "moderation"]);
  const format = useFormat();
  const me = useMe();
  const [parameters, setParameters] = useSearchParams();
  const [sort, setSort] = useState<(typeof SORTS)[number]>("likesCount");
  const words = parameters.get("find") ?? "";
  const link = parameters.get("comment");
  const { fresh, renew } = useFresh(video._id);
  const { data: mode } = useQuery(modeQuery(video._id));
  const list = useInfiniteQuery(commentsQuery(video._id, sort, words));
  const linked = useLinked(link, video._id);
  const isThere = useNotRemoved<CommentType>();

  const put = useCallback(
    (name: string, value: string) =>
      setParameters(
        (before) => {
          if (value) before.set(name, value);
          else before.delete(name);
          return before;
        },
        { replace: true, preventScrollReset: true },
      ),
    [setParameters],
  );
  const find = useCallback((to: string) => put("find", to), [put]);
  const topId = linked.top?._id;
  const isListed = useCallback((one: CommentType) => one._id !== topId && isThere(one), [topId, isThere]);
  // Where the linked comment is the only one, there is no list below it, not even an empty one.
  const isAlone =
    topId !== undefined &&
    !list.hasNextPage &&
    list.data !== undefined &&
    !list.data.pages.some((page) => page.items.some(isListed));

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
        {(video.commentsCount > 0 || words) && <Find words={words} onFind={find} />}
      </div>
      {mode === "off" ? <Off video={video} /> : <CommentForm video={video._id} onDone={renew} />}
      {mode === "held" && me && me._id !== video.owner._id && (
        <p className={`soft ${classes.note}`}>{t("moderation:comments.allWait")}</p>
      )}
      <OwnHeld video={video._id} />
      <div role="status">
        {fresh > 0 && (
          <button type="button" className={classes.fresh} onClick={renew}>
            <ArrowUp size={16} aria-hidden /> {t("comments.fresh", { count: fresh })}
          </button>
        )}
      </div>
      {link && (
        <Linked id={link} to={linked} video={video} onSeek={onSeek} onAll={() => put("comment", "")} />
      )}
      {!isAlone && (
        <Endless
          list={list}
          keyOf={keyOf}
          estimate={120}
          filter={isListed}
          skeleton={<ListSkeleton count={4} />}
          empty={
            words
              ? {
                  icon: SearchX,
                  title: t("moderation:comments.noneFound"),
                  text: t("moderation:comments.noneFoundText"),
                }
              : {
                  icon: MessageSquare,
                  title: t("comments.none"),
                  ...(mode === "off" ? {} : { text: t("comments.first") }),
                }
          }
        >
          {(comment) => <Comment comment={comment} video={video} onSeek={onSeek} />}
        </Endless>
      )}
    </section>
  );
}
