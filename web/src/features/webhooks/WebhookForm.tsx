import { Button, Checkbox, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { fieldError } from "@/features/auth/AuthForm";
import { EVENTS, type Webhook, webhooksQuery, wordOf } from "./queries";
import classes from "./Webhooks.module.css";

interface Props {
  /** The one to change; absent: a new one. */
  webhook?: Webhook;
  onClose: () => void;
  /** The secret of a new one. */
  onMade?: (secret: string) => void;
}

/** Where to, and of what. */
export function WebhookForm({ webhook, onClose, onMade }: Props) {
  const { t } = useTranslation(["webhooks", "common"]);
  const queries = useQueryClient();
  const [url, setUrl] = useState(webhook?.url ?? "");
  const [events, setEvents] = useState<string[]>(webhook?.events ?? ["video.published"]);
  const save = useMutation({
    meta: { silent: true },
    mutationFn: async () => {
      const body = { url: url.trim(), events };
      if (!webhook) return (await unwrap(api.POST("/api/v1/webhooks", { body }))).secret;
      const params = { path: { webhookId: webhook._id } };
      await unwrap(api.PATCH("/api/v1/webhooks/{webhookId}", { params, body }));
      return null;
    },
    onSuccess: (secret) => {
      void queries.invalidateQueries({ queryKey: webhooksQuery.queryKey });
      if (secret) onMade?.(secret);
      else onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const wrong = fieldError(save.error, "url") ?? fieldError(save.error, "events");
  return (
    <form className={classes.form} onSubmit={submit}>
      <TextInput
        label={t("url")}
        type="url"
        required
        withAsterisk={false}
        placeholder="https://"
        value={url}
        error={fieldError(save.error, "url")}
        onChange={(event) => setUrl(event.currentTarget.value)}
      />
      <Checkbox.Group
        label={t("tellOf")}
        value={events}
        error={fieldError(save.error, "events")}
        onChange={setEvents}
      >
        <div className={classes.events}>
          {EVENTS.map((event) => (
            <Checkbox key={event} value={event} label={t(`events.${wordOf(event)}`)} />
          ))}
        </div>
      </Checkbox.Group>
      {save.error && !wrong && <p role="alert">{save.error.message}</p>}
      <div className={classes.actions}>
        <Button type="submit" loading={save.isPending} disabled={!url.trim() || events.length === 0}>
          {webhook ? t("common:save") : t("add")}
        </Button>
        <Button variant="default" onClick={onClose}>
          {t("common:cancel")}
        </Button>
      </div>
    </form>
  );
}
