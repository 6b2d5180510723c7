// What one wrote under this video that waits for approval: shown to oneself, to change or take back meanwhile.
import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Hourglass } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { type OwnHeld as Held, ownHeldQuery } from "@/features/moderation/queries";
import { useFormat } from "@/lib/format";
import { useMe } from "@/session/session";
import { Avatar } from "@/ui/Avatar";
import { RichText } from "@/ui/RichText";
import { removeLater, useNotRemoved } from "@/ui/removals";
import { commentQuery } from "../queries";
import classes from "./Comment.module.css";
import { CommentForm } from "./CommentForm";

const LOOK_AGAIN_MS = 60_000;

function One({ comment }: { comment: Held }) {
  const { t } = useTranslation(["moderation", "watch"]);
  const format = useFormat();
  const queries = useQueryClient();
  const [isEdited, setIsEdited] = useState(false);
  const renew = () => queries.invalidateQueries({ queryKey: ["own-held"] });
  const path = { params: { path: { commentId: comment._id } } };
  const takeBack = useMutation({
    // The text that is shown, sent again, takes the place of the one that waits.
    mutationFn: async () => {
      const { content } = await queries.fetchQuery({ ...commentQuery(comment._id), staleTime: 0 });
      return unwrap(api.PATCH("/api/v1/comments/c/{commentId}", { ...path, body: { content } }));
    },
    onSuccess: renew,
  });
  const remove = () =>
    removeLater({
      ids: [comment._id],
      text: t("comments.removed"),
      send: async () => {
        await unwrap(api.DELETE("/api/v1/comments/c/{commentId}", { ...path, keepalive: true }));
        await renew();
      },
    });
  return (
    <article className={`${classes.comment} ${classes.waiting}`}>
      <Avatar of={comment.owner} size={40} />
      <div className={classes.words}>
        <p className={classes.state}>
          <Hourglass size={14} aria-hidden />
          {t(comment.isEdit ? "comments.editWaits" : "comments.waits")}
        </p>
        {isEdited ? (
          <CommentForm
            video={comment.video}
            edited={comment}
            onDone={() => {
              setIsEdited(false);
              void renew();
            }}
            onCancel={() => setIsEdited(false)}
          />
        ) : (
          <>
            <p className={classes.head}>
              <strong>{comment.owner.fullName}</strong>
              <time className="soft" dateTime={comment.createdAt}>
                {format.ago(comment.createdAt)}
              </time>
            </p>
            <RichText text={comment.content} />
            <div className={classes.actions}>
              <Button variant="subtle" color="gray" size="compact-sm" onClick={() => setIsEdited(true)}>
                {t("watch:comments.edit")}
              </Button>
              <Button
                variant="subtle"
                color="gray"
                size="compact-sm"
                loading={takeBack.isPending}
                onClick={comment.isEdit ? () => takeBack.mutate() : remove}
              >
                {t(comment.isEdit ? "comments.takeBack" : "watch:comments.remove")}
              </Button>
            </div>
          </>
        )}
      </div>
    </article>
  );
}

export function OwnHeld({ video }: { video: string }) {
  const me = useMe();
  const isThere = useNotRemoved<Held>();
  const { data } = useQuery({
    ...ownHeldQuery(me?._id),
    // Approval is told at once; that something was refused is not.
    refetchInterval: (query) =>
      query.state.data?.some((one) => one.video === video) ? LOOK_AGAIN_MS : false,
  });
  const here = data?.filter((one) => one.video === video && isThere(one)) ?? [];
  return here.map((comment) => <One key={`${comment._id}${comment.isEdit}`} comment={comment} />);
}
