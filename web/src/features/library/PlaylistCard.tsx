import { ListVideo } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Playlist } from "@/api/types";
import { useFormat } from "@/lib/format";
import classes from "./PlaylistCard.module.css";

export function PlaylistCards({ playlists }: { playlists: Playlist[] }) {
  const { t } = useTranslation(["library", "common"]);
  const format = useFormat();
  return (
    <ul className={classes.cards}>
      {playlists.map((list) => (
        <li key={list._id}>
          <Link to={`/playlist/${list._id}`} className={classes.card}>
            <span className={classes.picture}>
              {list.thumbnail && <img src={list.thumbnail} alt="" loading="lazy" width={640} height={360} />}
              <span className={classes.count}>
                <ListVideo size={14} aria-hidden />
                {t("playlists.videos", { count: list.totalVideos })}
              </span>
            </span>
            <strong>{list.name}</strong>
            <span className="soft">
              {t(`common:video.visibility.${list.visibility as "private"}`)} ·{" "}
              {t("playlists.changed", { when: format.ago(list.updatedAt) })}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
