import { Button } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { useFormat } from "@/lib/format";
import { ListSkeleton } from "@/ui/Skeletons";
import { ErrorState } from "@/ui/States";
import { type Delivery, deliveriesQuery } from "./queries";
import classes from "./Webhooks.module.css";

const STATUSES = ["pending", "delivered", "dead"] as const;

/** What was sent to a webhook in the last 30 days, the newest first. */
export function Deliveries({ webhook }: { webhook: string }) {
  const { t } = useTranslation("webhooks");
  const list = useInfiniteQuery(deliveriesQuery(webhook));
  const queries = useQueryClient();
  const retry = useMutation({
    mutationFn: (deliveryId: string) =>
      unwrap(
        api.POST("/api/v1/webhooks/{webhookId}/deliveries/{deliveryId}/retry", {
          params: { path: { webhookId: webhook, deliveryId } },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: deliveriesQuery(webhook).queryKey }),
  });
  if (list.error && !list.data) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return <ListSkeleton count={2} />;
  const all = list.data.pages.flatMap((page) => page.items);
  if (all.length === 0) return <p className="soft">{t("deliveries.none")}</p>;
  return (
    <>
      <ul className={classes.deliveries}>
        {all.map((one) => (
          <Row key={one._id} one={one} onRetry={() => retry.mutate(one._id)} />
        ))}
      </ul>
      {list.hasNextPage && (
        <Button
          size="sm"
          variant="default"
          loading={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {t("deliveries.older")}
        </Button>
      )}
    </>
  );
}

function Row({ one, onRetry }: { one: Delivery; onRetry: () => void }) {
  const { t } = useTranslation(["webhooks", "common"]);
  const format = useFormat();
  const status = STATUSES.find((name) => name === one.status) ?? "pending";
  const answer =
    one.fault ?? (one.responseStatus ? t("deliveries.answer", { status: one.responseStatus }) : "");
  return (
    <li>
      <span className={classes.words}>
        <span>
          <code>{one.event}</code> · {t(`deliveries.status.${status}`)}
        </span>
        <span className="soft">
          {[
            format.dateTime(one.createdAt),
            answer,
            one.durationMs != null && t("deliveries.took", { ms: one.durationMs }),
            one.attempts > 1 && t("deliveries.attempts", { count: one.attempts }),
          ]
            .filter(Boolean)
            .join(" · ")}
        </span>
      </span>
      {status !== "pending" && (
        <Button size="sm" variant="subtle" onClick={onRetry}>
          {t("deliveries.again")}
        </Button>
      )}
    </li>
  );
}
