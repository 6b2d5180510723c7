import { Menu } from "@mantine/core";
import { Flag } from "lucide-react";
import { useTranslation } from "react-i18next";
import { openDialog } from "@/app/dialogs";
import { useNeedsSignIn } from "@/session/useNeedsSignIn";
import { MoreMenu } from "@/ui/LazyMenu";
import { BlockItem } from "./BlockItem";

/** What one can do about a person: report and block. */
export function PersonMenu({ person }: { person: { _id: string; fullName: string } }) {
  const { t } = useTranslation(["moderation", "watch"]);
  const needsSignIn = useNeedsSignIn();
  return (
    <MoreMenu label={t("personMore", { name: person.fullName })}>
      <Menu.Item
        leftSection={<Flag size={18} />}
        onClick={() => needsSignIn() || openDialog({ kind: "report", what: "user", id: person._id })}
      >
        {t("watch:report.open")}
      </Menu.Item>
      <BlockItem person={person} />
    </MoreMenu>
  );
}
