import { Menu } from "@mantine/core";
import { ShieldCheck, ShieldX } from "lucide-react";
import { useTranslation } from "react-i18next";
import { openDialog } from "@/app/dialogs";
import { type Target, useRestore } from "./takedowns";

/** What moderators can do about something, in its menu; its code is loaded for them only. */
export default function ModerateEntry({ kind, id, isDown }: Target & { isDown?: boolean }) {
  const { t } = useTranslation("admin");
  const restore = useRestore();
  return isDown ? (
    <Menu.Item
      leftSection={<ShieldCheck size={18} />}
      onClick={() => restore.mutate({ target: { kind, id } })}
    >
      {t("reports.restore")}
    </Menu.Item>
  ) : (
    <Menu.Item
      color="red"
      leftSection={<ShieldX size={18} />}
      onClick={() => openDialog({ kind: "takedown", target: { kind, id } })}
    >
      {t("reports.takeDown")}
    </Menu.Item>
  );
}
