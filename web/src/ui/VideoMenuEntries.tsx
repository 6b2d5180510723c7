import { Menu } from "@mantine/core";
import { Clock, ListPlus, Share2 } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Video } from "@/api/types";
import { openDialog } from "@/app/dialogs";
import { useSaveForLater } from "@/features/library/save";
import { useMe } from "@/session/session";

/** The entries of {@link VideoMenu}, loaded when it is opened. */
export default function VideoMenuEntries({ video, extra }: { video: Video; extra?: ReactNode }) {
  const { t } = useTranslation();
  const me = useMe();
  const later = useSaveForLater();
  return (
    <>
      {me && (
        <>
          <Menu.Item leftSection={<Clock size={18} />} onClick={() => later.mutate(video._id)}>
            {t("video.later")}
          </Menu.Item>
          <Menu.Item
            leftSection={<ListPlus size={18} />}
            onClick={() => openDialog({ kind: "save", video: video._id })}
          >
            {t("video.save")}
          </Menu.Item>
        </>
      )}
      <Menu.Item
        leftSection={<Share2 size={18} />}
        onClick={() => openDialog({ kind: "share", video: video._id, title: video.title })}
      >
        {t("video.share")}
      </Menu.Item>
      {extra}
    </>
  );
}
