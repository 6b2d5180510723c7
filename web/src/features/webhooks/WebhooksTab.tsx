// Programs of one's own that are told what happens on the channel (docs/WEBHOOKS.md).
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Plus, Webhook as WebhookIcon } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ListSkeleton } from "@/ui/Skeletons";
import { EmptyState, ErrorState } from "@/ui/States";
import { webhooksQuery } from "./queries";
import { SecretNote } from "./SecretNote";
import { WebhookForm } from "./WebhookForm";
import { WebhookRow } from "./WebhookRow";
import classes from "./Webhooks.module.css";

const MOST = 10;

export default function WebhooksTab() {
  const { t } = useTranslation("webhooks");
  const { data, error, refetch } = useQuery(webhooksQuery);
  const [isNew, setIsNew] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <>
      <div className={classes.head}>
        <p className="soft">{t("about")}</p>
        {!isNew && (data?.length ?? MOST) < MOST && (
          <Button variant="light" leftSection={<Plus size={16} />} onClick={() => setIsNew(true)}>
            {t("add")}
          </Button>
        )}
      </div>
      {secret && <SecretNote secret={secret} onClose={() => setSecret(null)} />}
      {isNew && (
        <WebhookForm
          onClose={() => setIsNew(false)}
          onMade={(made) => {
            setIsNew(false);
            setSecret(made);
          }}
        />
      )}
      {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!data && !error && <ListSkeleton count={2} />}
      {data?.length === 0 && !isNew && (
        <EmptyState icon={WebhookIcon} title={t("none.title")} text={t("none.text")} />
      )}
      <ul className={classes.list}>
        {data?.map((one) => (
          <WebhookRow key={one._id} webhook={one} onSecret={setSecret} />
        ))}
      </ul>
    </>
  );
}
