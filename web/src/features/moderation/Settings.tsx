// Which comments wait on one's channel.
import { Button, Radio, TagsInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { fieldError } from "@/features/auth/AuthForm";
import { ListSkeleton } from "@/ui/Skeletons";
import { ErrorState } from "@/ui/States";
import { toast } from "@/ui/toasts";
import classes from "./Moderation.module.css";
import { type CommentSettings, settingsQuery } from "./queries";

const APPROVALS = ["none", "links", "first", "all"] as const;
const MOST_WORDS = 500;
const LONGEST = 100;

function Form({ settings }: { settings: CommentSettings }) {
  const { t } = useTranslation(["moderation", "studio", "common"]);
  const queries = useQueryClient();
  const [approval, setApproval] = useState(settings.approval);
  const [blockedWords, setBlockedWords] = useState(settings.blockedWords);
  const save = useMutation({
    meta: { silent: true },
    mutationFn: () =>
      unwrap(api.PATCH("/api/v1/users/comment-settings", { body: { approval, blockedWords } })),
    onSuccess: (saved) => {
      queries.setQueryData(settingsQuery.queryKey, saved);
      setBlockedWords(saved.blockedWords);
      toast({ text: t("studio:saved"), tone: "good" });
    },
    onError: (error) => toast({ text: error.message, tone: "bad" }),
  });
  const isChanged =
    approval !== settings.approval || blockedWords.join("\n") !== settings.blockedWords.join("\n");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form className={classes.settings} onSubmit={submit}>
      <Radio.Group label={t("settings.approval")} value={approval} onChange={setApproval}>
        <div className={classes.choices}>
          {APPROVALS.map((one) => (
            <Radio
              key={one}
              value={one}
              label={t(`settings.approvals.${one}.label`)}
              description={t(`settings.approvals.${one}.text`)}
            />
          ))}
        </div>
      </Radio.Group>
      <TagsInput
        label={t("settings.words")}
        description={t("settings.wordsHint")}
        maxTags={MOST_WORDS}
        splitChars={[",", "\n"]}
        clearable
        acceptValueOnBlur
        value={blockedWords}
        error={fieldError(save.error, "blockedWords")}
        onChange={(words) => setBlockedWords(words.map((word) => word.slice(0, LONGEST)))}
      />
      <p className="soft">{t("settings.stays")}</p>
      <div>
        <Button type="submit" loading={save.isPending} disabled={!isChanged}>
          {t("common:save")}
        </Button>
      </div>
    </form>
  );
}

export function Settings() {
  const { data, error, refetch } = useQuery(settingsQuery);
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return data ? <Form settings={data} /> : <ListSkeleton count={4} />;
}
