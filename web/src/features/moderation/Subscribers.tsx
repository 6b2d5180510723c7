import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Users } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useEvent } from "@/events/useEvents";
import { useFormat } from "@/lib/format";
import { useMe } from "@/session/session";
import { Endless } from "@/ui/Endless";
import { ListSkeleton } from "@/ui/Skeletons";
import { PersonMenu } from "./PersonMenu";
import { PersonRow } from "./PersonRow";
import { type Subscriber, subscribersQuery } from "./queries";

const keyOf = (one: Subscriber) => one._id;

/** Who follows one's channel, the latest first. */
export function Subscribers() {
  const { t } = useTranslation("moderation");
  const format = useFormat();
  const me = useMe();
  const queries = useQueryClient();
  const query = subscribersQuery(me?._id ?? "");
  const list = useInfiniteQuery({ ...query, enabled: Boolean(me), staleTime: 0 });
  useEvent("subscribers.changed", () => void queries.invalidateQueries({ queryKey: query.queryKey }));
  return (
    <Endless
      list={list}
      keyOf={keyOf}
      estimate={66}
      skeleton={<ListSkeleton count={5} />}
      empty={{ icon: Users, title: t("subscribers.none"), text: t("subscribers.noneText") }}
    >
      {({ subscriber, createdAt }) => (
        <PersonRow person={subscriber} note={t("subscribers.since", { when: format.date(createdAt) })}>
          <PersonMenu person={subscriber} />
        </PersonRow>
      )}
    </Endless>
  );
}
