import { Button } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { BellOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ListSkeleton } from "@/ui/Skeletons";
import { EmptyState, ErrorState } from "@/ui/States";
import { Item, isKnown } from "./Item";
import classes from "./Latest.module.css";
import { markRead, notificationsQuery, unreadQuery } from "./queries";

/** The latest notifications, in the panel of the bell. */
export default function Latest({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation("notifications");
  const queries = useQueryClient();
  const { data, error, refetch, isPending } = useInfiniteQuery(notificationsQuery(20));
  const read = useMutation({
    mutationFn: markRead,
    onSuccess: ({ unreadCount }) => {
      queries.setQueryData(unreadQuery.queryKey, unreadCount);
      void queries.invalidateQueries({ queryKey: ["notifications", "list"] });
    },
  });
  const items = data?.pages[0]?.items.filter(isKnown) ?? [];

  return (
    <section className={classes.panel}>
      <div className={classes.head}>
        <h2>{t("title")}</h2>
        <Button
          variant="subtle"
          size="compact-sm"
          onClick={() => read.mutate({})}
          disabled={items.every((one) => one.isRead)}
        >
          {t("readAll")}
        </Button>
      </div>
      {isPending && !error && <ListSkeleton count={4} />}
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data && items.length === 0 && (
        <EmptyState icon={BellOff} title={t("empty.title")} text={t("empty.text")} />
      )}
      {items.map((one) => (
        <Item
          key={one._id}
          one={one}
          onOpen={() => {
            if (!one.isRead) read.mutate({ ids: [one._id] });
            onDone();
          }}
        />
      ))}
      <Link to="/notifications" className={classes.all} onClick={onDone}>
        {t("all")}
      </Link>
    </section>
  );
}
