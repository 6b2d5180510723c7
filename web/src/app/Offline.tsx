import { onlineManager } from "@tanstack/react-query";
import { WifiOff } from "lucide-react";
import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import classes from "./Offline.module.css";

/** Says that there is no connection; what is on the page stays. */
export function Offline() {
  const { t } = useTranslation();
  const isOnline = useSyncExternalStore(
    (tell) => onlineManager.subscribe(tell),
    () => onlineManager.isOnline(),
  );
  return (
    <div role="status">
      {!isOnline && (
        <p className={classes.banner}>
          <WifiOff size={18} aria-hidden />
          {t("offline")}
        </p>
      )}
    </div>
  );
}
