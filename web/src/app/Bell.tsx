// The bell: how many notifications are unread, and the latest of them.
import { ActionIcon, Popover } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Bell as BellIcon } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useEvent } from "@/events/useEvents";
import { unreadQuery } from "@/features/notifications/queries";
import { ListSkeleton } from "@/ui/Skeletons";
import classes from "./Bell.module.css";

const Latest = lazy(() => import("@/features/notifications/Latest"));

export function Bell() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [isOpen, setIsOpen] = useState(false);
  const unread = useQuery(unreadQuery).data ?? 0;
  useEvent("notification.created", () => void queries.invalidateQueries({ queryKey: ["notifications"] }));
  useEvent("notification.read", ({ unreadCount }) => {
    queries.setQueryData(unreadQuery.queryKey, unreadCount);
    void queries.invalidateQueries({ queryKey: ["notifications", "list"] });
  });

  return (
    <Popover
      opened={isOpen}
      onChange={setIsOpen}
      width={400}
      position="bottom-end"
      shadow="md"
      trapFocus
      returnFocus
      keepMounted={false}
    >
      <Popover.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          radius="xl"
          className={classes.bell}
          onClick={() => setIsOpen(!isOpen)}
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
      </Popover.Target>
      <Popover.Dropdown className={classes.panel} aria-label={t("bell.title")}>
        <Suspense fallback={<ListSkeleton count={4} />}>
          <Latest onDone={() => setIsOpen(false)} />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
