import { lazy, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Video } from "@/api/types";
import { MoreMenu } from "./LazyMenu";

const Entries = lazy(() => import("./VideoMenuEntries"));

/** What can be done with a video wherever it is listed; `extra` has more entries. */
export function VideoMenu({ video, extra }: { video: Video; extra?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <MoreMenu width={230} label={t("video.more", { title: video.title })}>
      <Entries video={video} extra={extra} />
    </MoreMenu>
  );
}
