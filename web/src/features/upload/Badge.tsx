// In the header: how far uploads are while one looks at something else.
import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import classes from "./Badge.module.css";
import { overall, uploads } from "./uploads";

const LENGTH = 2 * Math.PI * 14;

export default function Badge() {
  const { t } = useTranslation("upload");
  const part = overall(useSyncExternalStore(uploads.subscribe, uploads.list));
  if (part === null) return null;
  const percent = Math.floor(part * 100);
  return (
    <Link
      to="/upload"
      className={classes.badge}
      aria-label={t("underWay", { percent })}
      title={t("underWay", { percent })}
    >
      <svg viewBox="0 0 36 36" aria-hidden>
        <circle className={classes.track} cx="18" cy="18" r="14" />
        <circle
          className={classes.done}
          cx="18"
          cy="18"
          r="14"
          strokeDasharray={LENGTH}
          strokeDashoffset={LENGTH * (1 - part)}
        />
      </svg>
      <span aria-hidden>{percent}</span>
    </Link>
  );
}
