import { RotateCcw, SkipForward } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { dialogs } from "@/app/dialogs";
import classes from "./Player.module.css";
import { preferences } from "./preferences";

export interface Next {
  title: string;
  go: () => void;
}

const NEXT_S = 8;

/** After the end: again, or what comes next in some seconds. */
export function After({ next, onReplay }: { next: Next | null; onReplay: () => void }) {
  const { t } = useTranslation(["watch", "common"]);
  const [left, setLeft] = useState(NEXT_S);
  const [isStopped, setIsStopped] = useState(() => !preferences().autoplay);
  const isCounting = next !== null && !isStopped;
  // Whoever is about to share or save this one must not be taken to the next.
  const isBusy = useSyncExternalStore(dialogs.subscribe, () => dialogs.open() !== null);
  useEffect(() => {
    if (!isCounting || isBusy) return;
    if (left === 0) return next?.go();
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left, isCounting, isBusy, next]);
  return (
    <div className={classes.over}>
      {next && (
        <>
          <p className={classes.upNext}>
            {isCounting ? t("player.nextIn", { count: left }) : t("player.upNext")}
          </p>
          <p className={classes.nextTitle}>{next.title}</p>
        </>
      )}
      <div className={classes.choices}>
        <button type="button" className={classes.pill} onClick={onReplay}>
          <RotateCcw size={18} aria-hidden /> {t("player.replay")}
        </button>
        {next && (
          <button type="button" className={classes.pill} data-main onClick={next.go}>
            <SkipForward size={18} aria-hidden /> {t("player.nextNow")}
          </button>
        )}
        {isCounting && (
          <button type="button" className={classes.pill} onClick={() => setIsStopped(true)}>
            {t("common:cancel")}
          </button>
        )}
      </div>
    </div>
  );
}
