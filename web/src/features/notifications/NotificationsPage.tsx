import { Button } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { BellOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import { RequireSignIn } from "@/session/RequireSignIn";
import { Endless } from "@/ui/Endless";
import { Page } from "@/ui/Page";
import { Item, isKnown } from "./Item";
import { markRead, notificationsQuery, unreadQuery } from "./queries";

function List() {
  const { t } = useTranslation("notifications");
  const queries = useQueryClient();
  const list = useInfiniteQuery(notificationsQuery(30));
  const read = useMutation({
    mutationFn: markRead,
    onSuccess: ({ unreadCount }) => {
      queries.setQueryData(unreadQuery.queryKey, unreadCount);
      void queries.invalidateQueries({ queryKey: ["notifications", "list"] });
    },
  });
  return (
    <Page
      title={t("title")}
      width="text"
      actions={
        <Button variant="default" size="sm" onClick={() => read.mutate({})}>
          {t("readAll")}
        </Button>
      }
    >
      <Endless
        list={list}
        keyOf={(one) => one._id}
        estimate={88}
        empty={{ icon: BellOff, title: t("empty.title"), text: t("empty.text") }}
        filter={isKnown}
      >
        {(one) => <Item one={one} onOpen={() => !one.isRead && read.mutate({ ids: [one._id] })} />}
      </Endless>
    </Page>
  );
}

export default function NotificationsPage() {
  return (
    <RequireSignIn>
      <List />
    </RequireSignIn>
  );
}
