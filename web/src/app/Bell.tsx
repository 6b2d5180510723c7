// The bell: how many notifications are unread, and the latest of them.
import { ActionIcon } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Bell as BellIcon } from "lucide-react";
import { cloneElement, lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useEvent } from "@/events/useEvents";
import { unreadQuery } from "@/features/notifications/queries";
import type { TargetProps } from "@/ui/LazyMenu";
import classes from "./Bell.module.css";

const OpenedBell = lazy(() => import("./OpenedBell"));

export function Bell() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [wasOpened, setWasOpened] = useState(false);
  const unread = useQuery(unreadQuery).data ?? 0;
  useEvent("notification.created", () => void queries.invalidateQueries({ queryKey: ["notifications"] }));
  useEvent("notification.read", ({ unreadCount }) => {
    queries.setQueryData(unreadQuery.queryKey, unreadCount);
    void queries.invalidateQueries({ queryKey: ["notifications", "list"] });
  });

  const target = (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      radius="xl"
      className={classes.bell}
      aria-label={unread > 0 ? t("bell.unread", { count: unread }) : t("bell.title")}
    >
      <span className={classes.icon}>
        <BellIcon size={20} />
        {unread > 0 && (
          <span className={classes.count} aria-hidden>
            {unread > 99 ? "99+" : unread}
          </span>
        )}
      </span>
    </ActionIcon>
  );
  const closed = cloneElement<TargetProps>(target, {
    onClick: () => setWasOpened(true),
    "aria-haspopup": "dialog",
    "aria-expanded": false,
  });
  if (!wasOpened) return closed;
  return (
    <Suspense fallback={closed}>
      <OpenedBell target={target} />
    </Suspense>
  );
}
