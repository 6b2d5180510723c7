import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { UserRoundX } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { Endless } from "@/ui/Endless";
import { ListSkeleton } from "@/ui/Skeletons";
import { PersonRow } from "./PersonRow";
import { type Blocked, blocksQuery } from "./queries";
import { useBlock } from "./useBlock";

const keyOf = (one: Blocked) => one.user._id;

/** Whom one has blocked, the last first. */
export function Blocks() {
  const { t } = useTranslation("moderation");
  const format = useFormat();
  const block = useBlock();
  const list = useInfiniteQuery(blocksQuery);
  return (
    <section>
      <h2>{t("block.title")}</h2>
      <p className="soft">{t("block.about")}</p>
      <Endless
        list={list}
        keyOf={keyOf}
        estimate={64}
        skeleton={<ListSkeleton count={3} />}
        empty={{ icon: UserRoundX, title: t("block.none"), text: t("block.noneText") }}
      >
        {({ user, createdAt }) => (
          <PersonRow person={user} note={t("block.since", { when: format.date(createdAt) })}>
            <Button
              variant="default"
              size="sm"
              aria-label={t("block.unblock", { name: user.fullName })}
              onClick={() => block(user, false)}
            >
              {t("block.unblockShort")}
            </Button>
          </PersonRow>
        )}
      </Endless>
    </section>
  );
}
