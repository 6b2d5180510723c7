import { Menu } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { UserRoundCheck, UserRoundX } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMe } from "@/session/session";
import { useNeedsSignIn } from "@/session/useNeedsSignIn";
import { blocksQuery } from "./queries";
import { useBlock } from "./useBlock";

/** The entry of a menu that blocks somebody; or hears from them again, where it is known that they are blocked. */
export function BlockItem({ person }: { person: { _id: string; fullName: string } }) {
  const { t } = useTranslation("moderation");
  const me = useMe();
  const needsSignIn = useNeedsSignIn();
  const block = useBlock();
  // The latest of them; blocking somebody twice does no harm.
  const { data } = useInfiniteQuery({ ...blocksQuery, enabled: Boolean(me) });
  const isBlocked =
    data?.pages.some((page) => page.items.some((one) => one.user._id === person._id)) ?? false;
  if (me?._id === person._id) return null;
  return (
    <Menu.Item
      leftSection={isBlocked ? <UserRoundCheck size={18} /> : <UserRoundX size={18} />}
      onClick={() => needsSignIn() || block(person, !isBlocked)}
    >
      {t(isBlocked ? "block.unblock" : "block.block", { name: person.fullName })}
    </Menu.Item>
  );
}
