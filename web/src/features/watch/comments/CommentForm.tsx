import { Button, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type KeyboardEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "react-router";
import { ApiError, api, unwrap } from "@/api/client";
import type { Comment } from "@/api/types";
import { modeQuery } from "@/features/moderation/queries";
import { useMe } from "@/session/session";
import { Avatar } from "@/ui/Avatar";
import { toast } from "@/ui/toasts";
import classes from "./CommentForm.module.css";

const MOST = 10_000;

interface Props {
  video: string;
  /** The comment that it answers. */
  parent?: string;
  /** A comment that is written anew. */
  edited?: Comment;
  /** What stands in the field at first, such as a name. */
  start?: string;
  onDone: (comment: Comment) => void;
  onCancel?: () => void;
}

export function CommentForm({ video, parent, edited, start = "", onDone, onCancel }: Props) {
  const { t } = useTranslation(["watch", "moderation", "common"]);
  const me = useMe();
  const queries = useQueryClient();
  const { pathname, search } = useLocation();
  const [text, setText] = useState(edited?.content ?? start);
  const [isOpen, setIsOpen] = useState(Boolean(onCancel));
  const send = useMutation({
    meta: { silent: true },
    mutationFn: () => {
      const content = text.trim();
      return edited
        ? unwrap(
            api.PATCH("/api/v1/comments/c/{commentId}", {
              params: { path: { commentId: edited._id } },
              body: { content },
            }),
          )
        : unwrap(
            api.POST("/api/v1/comments/{id}", {
              params: { path: { id: video } },
              body: { content, parent: parent ?? null },
            }),
          );
    },
    onSuccess: (comment) => {
      setText("");
      setIsOpen(false);
      if (comment.isHeld) toast({ text: t("comments.held") });
      onDone(comment);
    },
    onError: (error) => {
      const code = error instanceof ApiError ? error.code : "";
      // The page says so in place of this form.
      if (code === "comments_off") queries.setQueryData(modeQuery(video).queryKey, "off");
      else
        toast({
          tone: "bad",
          text: code === "blocked" ? t("moderation:comments.blocked") : error.message,
        });
    },
  });
  if (me === null) {
    return (
      <p className={classes.invite}>
        <Link className="link" to={`/sign-in?to=${encodeURIComponent(pathname + search)}`}>
          {t("comments.signIn")}
        </Link>
      </p>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim()) send.mutate();
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && text.trim()) send.mutate();
    if (event.key === "Escape") cancel();
  };
  const cancel = () => {
    setText(edited?.content ?? "");
    setIsOpen(false);
    onCancel?.();
  };
  const label = parent ? t("comments.reply") : edited ? t("comments.edit") : t("comments.write");
  return (
    <form className={classes.form} onSubmit={submit}>
      {!edited && me && <Avatar of={me} size={parent ? 28 : 40} />}
      <div className={classes.field}>
        <Textarea
          aria-label={label}
          placeholder={label}
          autosize
          minRows={isOpen ? 2 : 1}
          maxRows={14}
          maxLength={MOST}
          value={text}
          autoFocus={Boolean(onCancel)}
          onFocus={() => setIsOpen(true)}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={keys}
        />
        {isOpen && (
          <div className={classes.actions}>
            <Button variant="subtle" color="gray" size="sm" onClick={cancel}>
              {t("common:cancel")}
            </Button>
            <Button type="submit" size="sm" disabled={!text.trim()} loading={send.isPending}>
              {edited ? t("common:save") : parent ? t("comments.reply") : t("comments.send")}
            </Button>
          </div>
        )}
      </div>
    </form>
  );
}
