import { Button, Menu, Switch } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Pencil, Send, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { MoreMenu } from "@/ui/LazyMenu";
import { toast } from "@/ui/toasts";
import { Deliveries } from "./Deliveries";
import { deliveriesQuery, type Webhook, webhooksQuery } from "./queries";
import { WebhookForm } from "./WebhookForm";
import classes from "./Webhooks.module.css";

export function WebhookRow({ webhook, onSecret }: { webhook: Webhook; onSecret: (secret: string) => void }) {
  const { t } = useTranslation(["webhooks", "common"]);
  const queries = useQueryClient();
  const [isEdited, setIsEdited] = useState(false);
  const [isSure, setIsSure] = useState(false);
  const [isOpen, setIsOpen] = useState(false);
  const path = { params: { path: { webhookId: webhook._id } } };
  const renew = () => queries.invalidateQueries({ queryKey: webhooksQuery.queryKey });
  const turn = useMutation({
    mutationFn: (active: boolean) =>
      unwrap(api.PATCH("/api/v1/webhooks/{webhookId}", { ...path, body: { active } })),
    onSuccess: renew,
  });
  const test = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/webhooks/{webhookId}/test", path)),
    onSuccess: () => {
      setIsOpen(true);
      toast({ text: t("tested") });
      void queries.invalidateQueries({ queryKey: deliveriesQuery(webhook._id).queryKey });
    },
  });
  const another = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/webhooks/{webhookId}/secret", path)),
    onSuccess: ({ secret }) => onSecret(secret),
  });
  const remove = useMutation({
    mutationFn: () => unwrap(api.DELETE("/api/v1/webhooks/{webhookId}", path)),
    onSuccess: renew,
  });
  if (isEdited)
    return (
      <li>
        <WebhookForm webhook={webhook} onClose={() => setIsEdited(false)} />
      </li>
    );
  const state = webhook.active
    ? webhook.failingSince
      ? t("state.failing")
      : t("state.on")
    : webhook.ended
      ? t("state.ended")
      : t("state.off");
  return (
    <li>
      <div className={classes.row}>
        <div className={classes.words}>
          <strong>{webhook.url}</strong>
          <span className="soft">
            {state} · {webhook.events.length > 0 && t("eventCount", { count: webhook.events.length })}
          </span>
        </div>
        <Switch
          aria-label={t("isOn", { url: webhook.url })}
          checked={webhook.active}
          disabled={turn.isPending}
          onChange={(event) => turn.mutate(event.currentTarget.checked)}
        />
        <MoreMenu label={t("more", { url: webhook.url })}>
          <Menu.Item leftSection={<Pencil size={18} />} onClick={() => setIsEdited(true)}>
            {t("edit")}
          </Menu.Item>
          <Menu.Item
            leftSection={<Send size={18} />}
            disabled={!webhook.active}
            onClick={() => test.mutate()}
          >
            {t("test")}
          </Menu.Item>
          <Menu.Item leftSection={<KeyRound size={18} />} onClick={() => another.mutate()}>
            {t("secret.another")}
          </Menu.Item>
          <Menu.Item leftSection={<Trash2 size={18} />} onClick={() => setIsSure(true)}>
            {t("remove")}
          </Menu.Item>
        </MoreMenu>
      </div>
      {isSure && (
        <div className={classes.actions} role="alert">
          <span>{t("sure")}</span>
          <Button color="red" size="sm" loading={remove.isPending} onClick={() => remove.mutate()}>
            {t("remove")}
          </Button>
          <Button variant="default" size="sm" onClick={() => setIsSure(false)}>
            {t("common:cancel")}
          </Button>
        </div>
      )}
      <details open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
        <summary>{t("deliveries.title")}</summary>
        {isOpen && <Deliveries webhook={webhook._id} />}
      </details>
    </li>
  );
}
