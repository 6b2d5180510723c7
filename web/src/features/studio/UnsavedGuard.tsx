import { Button, Modal } from "@mantine/core";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useBlocker } from "react-router";
import classes from "./VideoPage.module.css";

/** Asks who leaves a form whether what was written there may go. */
export function UnsavedGuard({ isChanged }: { isChanged: boolean }) {
  const { t } = useTranslation(["upload", "common"]);
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) => isChanged && currentLocation.pathname !== nextLocation.pathname,
  );
  useEffect(() => {
    if (!isChanged) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [isChanged]);
  if (blocker.state !== "blocked") return null;
  return (
    <Modal
      opened
      onClose={() => blocker.reset()}
      title={t("unsaved.title")}
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      <p>{t("unsaved.text")}</p>
      <div className={classes.line}>
        <Button onClick={() => blocker.reset()}>{t("unsaved.stay")}</Button>
        <Button variant="default" onClick={() => blocker.proceed()}>
          {t("unsaved.leave")}
        </Button>
      </div>
    </Modal>
  );
}
