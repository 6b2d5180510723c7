import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useRouteError } from "react-router";
import { isPartMissing } from "@/lib/errors";
import { ErrorState } from "@/ui/States";

const KEY = "streamsphere-renewed";
const ONCE_MS = 60_000;

/** Whether the page was just loaded again for the same reason; if not, it is noted that it is now. */
function wasRenewed(): boolean {
  try {
    const last = Number(sessionStorage.getItem(KEY) ?? 0);
    sessionStorage.setItem(KEY, `${Date.now()}`);
    return Date.now() - last < ONCE_MS;
  } catch {
    // Without a memory it could go on for ever.
    return true;
  }
}

/** What stands in the place of a page that broke, or that could not be loaded. */
export function RouteError() {
  const { t } = useTranslation();
  const error = useRouteError();
  const isMissing = isPartMissing(error);
  useEffect(() => {
    console.error(error);
    // There is a newer app, whose page names other parts. Once only: it may be another trouble.
    if (isMissing && navigator.onLine && !wasRenewed()) location.reload();
  }, [error, isMissing]);
  useEffect(() => {
    if (!isMissing) return;
    const again = () => location.reload();
    window.addEventListener("online", again);
    return () => window.removeEventListener("online", again);
  }, [isMissing]);

  // To load it again now would leave nothing on the page.
  if (isMissing && !navigator.onLine) return <ErrorState title={t("error.title")} text={t("error.away")} />;
  const text = isMissing ? t("error.newer") : t("error.broken");
  return <ErrorState title={t("error.title")} text={text} onRetry={() => location.reload()} />;
}
