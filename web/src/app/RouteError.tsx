import { useCallback, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate, useRouteError } from "react-router";
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
  const navigate = useNavigate();
  const { pathname, search, hash } = useLocation();
  const isMissing = isPartMissing(error);
  const again = useCallback(
    () => void navigate({ pathname, search, hash }, { replace: true }),
    [navigate, pathname, search, hash],
  );

  useEffect(() => {
    console.error(error);
    // There is a newer app, whose page names other parts. Once only: it may be another trouble.
    if (isMissing && navigator.onLine && !wasRenewed()) location.reload();
  }, [error, isMissing]);
  useEffect(() => {
    if (!isMissing) return;
    window.addEventListener("online", again);
    return () => window.removeEventListener("online", again);
  }, [isMissing, again]);

  if (isMissing && !navigator.onLine)
    return <ErrorState title={t("error.title")} text={t("error.away")} onRetry={again} />;
  const text = isMissing ? t("error.newer") : t("error.broken");
  return <ErrorState title={t("error.title")} text={text} onRetry={() => location.reload()} />;
}
