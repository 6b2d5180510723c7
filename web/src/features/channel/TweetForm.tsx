import { Button, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import classes from "./TweetForm.module.css";

const MOST = 500;

interface Props {
  /** The video that it is about. */
  video?: string;
  /** And where in it, in seconds. */
  at?: () => number;
}

export function TweetForm({ video, at }: Props) {
  const { t } = useTranslation("channel");
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const send = useMutation({
    mutationFn: () => {
      const about = video ? { video, videoAt: Math.floor(at?.() ?? 0) } : {};
      return unwrap(api.POST("/api/v1/tweets", { body: { content: text.trim(), ...about } }));
    },
    onSuccess: () => {
      setText("");
      void queries.invalidateQueries({ queryKey: ["tweets"] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim()) send.mutate();
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      <Textarea
        aria-label={t("tweets.write")}
        placeholder={t("tweets.write")}
        autosize
        minRows={2}
        maxLength={MOST}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div className={classes.below}>
        <span className="soft" aria-hidden>
          {text.length > MOST * 0.8 ? MOST - text.length : ""}
        </span>
        <Button type="submit" size="sm" disabled={!text.trim()} loading={send.isPending}>
          {t("tweets.send")}
        </Button>
      </div>
    </form>
  );
}
