import { Button, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { Tweet } from "@/api/types";
import classes from "./TweetForm.module.css";

const MOST = 500;
const LISTS = ["tweets", "feed", "search"];

/** Another text for a tweet of one's own. */
export default function TweetEdit({ tweet, onDone }: { tweet: Tweet; onDone: () => void }) {
  const { t } = useTranslation(["moderation", "common"]);
  const queries = useQueryClient();
  const [text, setText] = useState(tweet.content);
  const save = useMutation({
    mutationFn: () =>
      unwrap(
        api.PATCH("/api/v1/tweets/{tweetId}", {
          params: { path: { tweetId: tweet._id } },
          body: { content: text.trim() },
        }),
      ),
    onSuccess: async () => {
      await Promise.all(LISTS.map((name) => queries.invalidateQueries({ queryKey: [name] })));
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim()) save.mutate();
  };
  return (
    <form
      className={classes.edit}
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key === "Escape") onDone();
      }}
    >
      <Textarea
        aria-label={t("tweet.text")}
        autosize
        autoFocus
        minRows={2}
        maxLength={MOST}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div className={classes.below}>
        <Button variant="subtle" color="gray" size="sm" onClick={onDone}>
          {t("common:cancel")}
        </Button>
        <Button type="submit" size="sm" disabled={!text.trim()} loading={save.isPending}>
          {t("common:save")}
        </Button>
      </div>
    </form>
  );
}
