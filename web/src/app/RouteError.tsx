import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useRouteError } from "react-router";
import { ErrorState } from "@/ui/States";

/** Whether a part of the app could not be loaded: most often because there is a newer one. */
function isGone(error: unknown): boolean {
  return error instanceof TypeError && /import|module|fetch/i.test(error.message);
}

/** What stands in the place of a page that broke. */
export function RouteError() {
  const { t } = useTranslation();
  const error = useRouteError();
  useEffect(() => console.error(error), [error]);
  const text = isGone(error) ? t("error.newer") : t("error.broken");
  return <ErrorState title={t("error.title")} text={text} onRetry={() => location.reload()} />;
}
