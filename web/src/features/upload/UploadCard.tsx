import { ActionIcon, Button } from "@mantine/core";
import { Pause, Play, X } from "lucide-react";
import type { FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { DetailFields } from "@/features/studio/DetailFields";
import { clock, useFormat } from "@/lib/format";
import { Processing } from "./Processing";
import classes from "./UploadPage.module.css";
import { describe, giveUp, goOn, type Item, pause, save } from "./uploads";

function State({ item }: { item: Item }) {
  const { t } = useTranslation("upload");
  const format = useFormat();
  if (item.state === "failed") {
    return (
      <p className={classes.failed} role="alert">
        {item.error ?? t("states.failed")}
      </p>
    );
  }
  return (
    <p className={classes.state}>
      <span role="status">{t(`states.${item.state}`)}</span>
      <span className="soft">
        {t("sent", { sent: format.bytes(item.sent), of: format.bytes(item.size) })}
      </span>
      {item.state === "uploading" && item.bytesPerSecond > 0 && (
        <span className="soft">{t("speed", { speed: format.bytes(item.bytesPerSecond) })}</span>
      )}
      {item.state === "uploading" && item.secondsLeft !== null && (
        <span className="soft">{t("left", { time: clock(item.secondsLeft) })}</span>
      )}
    </p>
  );
}

/** One upload: how far it is, and what the video is to be called. */
export function UploadCard({ item }: { item: Item }) {
  const { t } = useTranslation(["upload", "common"]);
  const isRunning = item.state === "uploading" || item.state === "waiting";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save(item.id);
  };
  return (
    <section className={classes.card} aria-label={item.name}>
      <div className={classes.head}>
        <h2>{item.name}</h2>
        <div className={classes.actions}>
          {isRunning && (
            <ActionIcon
              variant="subtle"
              color="gray"
              radius="xl"
              aria-label={t("pause")}
              onClick={() => pause(item.id)}
            >
              <Pause size={18} />
            </ActionIcon>
          )}
          {item.state === "paused" && (
            <ActionIcon
              variant="subtle"
              color="gray"
              radius="xl"
              aria-label={t("goOn")}
              onClick={() => goOn(item.id)}
            >
              <Play size={18} />
            </ActionIcon>
          )}
          <ActionIcon
            variant="subtle"
            color="gray"
            radius="xl"
            aria-label={item.state === "uploaded" ? t("common:close") : t("giveUp")}
            onClick={() => void giveUp(item.id)}
          >
            <X size={18} />
          </ActionIcon>
        </div>
      </div>
      {item.state === "uploaded" && item.video ? (
        <Processing video={item.video} />
      ) : (
        <>
          <progress
            className={classes.progress}
            value={item.sent}
            max={item.size || 1}
            aria-label={t("progress", { name: item.name })}
          />
          <State item={item} />
        </>
      )}
      {item.state !== "failed" && (
        <form className={classes.form} onSubmit={submit}>
          <DetailFields value={item.details} onChange={(details) => describe(item.id, details)} />
          <div className={classes.below}>
            <Button type="submit" disabled={!item.video || item.isSaved || !item.details.title.trim()}>
              {item.isSaved ? t("saved") : t("common:save")}
            </Button>
            {item.video ? (
              <Link className="link" to={`/watch/${item.video}`}>
                {t("open")}
              </Link>
            ) : (
              <span className="soft">{t("savedLater")}</span>
            )}
            {item.error && (
              <span className={classes.failed} role="alert">
                {item.error}
              </span>
            )}
          </div>
        </form>
      )}
    </section>
  );
}
