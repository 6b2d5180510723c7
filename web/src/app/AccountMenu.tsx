import { ActionIcon, UnstyledButton } from "@mantine/core";
import { EllipsisVertical } from "lucide-react";
import { lazy } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "@/session/session";
import { Avatar } from "@/ui/Avatar";
import { LazyMenu } from "@/ui/LazyMenu";
import classes from "./AccountMenu.module.css";

const Entries = lazy(() => import("./AccountEntries"));

/** Who is signed in and what concerns them; theme and language for everyone. */
export function AccountMenu() {
  const { t } = useTranslation();
  const me = useMe();
  const target = me ? (
    <UnstyledButton className={classes.target} aria-label={t("menu.account")}>
      <Avatar of={me} size={32} />
    </UnstyledButton>
  ) : (
    <ActionIcon variant="subtle" color="gray" size="lg" radius="xl" aria-label={t("menu.settings")}>
      <EllipsisVertical size={20} />
    </ActionIcon>
  );
  return (
    <LazyMenu width={264} target={target}>
      <Entries />
    </LazyMenu>
  );
}
