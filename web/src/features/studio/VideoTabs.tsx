import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import classes from "./StudioPage.module.css";

/** The pages of one's own video. */
export function VideoTabs({ id }: { id: string }) {
  const { t } = useTranslation("dashboard");
  return (
    <nav className={classes.tabs} aria-label={t("video.parts")}>
      <NavLink to={`/studio/videos/${id}`} end>
        {t("video.details")}
      </NavLink>
      <NavLink to={`/studio/videos/${id}/analytics`}>{t("video.analytics")}</NavLink>
    </nav>
  );
}
