import type { UseQueryResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Playlist, Video } from "@/api/types";
import { RowsSkeleton } from "@/ui/Skeletons";
import { VideoRow } from "@/ui/VideoCard";
import classes from "./UpNext.module.css";

interface Props {
  id: string;
  related: UseQueryResult<Video[]>;
  playlist?: Playlist;
  list: string | null;
}

/** The playlist that one came from, and videos like this one. */
export function UpNext({ id, related, playlist, list }: Props) {
  const { t } = useTranslation(["watch", "library"]);
  const at = playlist?.videos.findIndex((one) => one._id === id) ?? -1;
  return (
    <>
      {playlist && list && (
        <section className={classes.list}>
          <h2>{list === "watch-later" ? t("library:later.title") : playlist.name}</h2>
          <p className="soft">{t("inList", { at: at + 1, of: playlist.videos.length })}</p>
          <ol>
            {playlist.videos.map((video) => (
              <li key={video._id} aria-current={video._id === id || undefined}>
                <VideoRow video={video} isSmall query={`list=${list}`} />
              </li>
            ))}
          </ol>
        </section>
      )}
      <h2 className={classes.title}>{t("upNext")}</h2>
      {related.isPending && <RowsSkeleton count={6} />}
      {related.data?.map((video) => (
        <VideoRow key={video._id} video={video} isSmall />
      ))}
      {related.data?.length === 0 && <p className="soft">{t("nothingNext")}</p>}
    </>
  );
}
