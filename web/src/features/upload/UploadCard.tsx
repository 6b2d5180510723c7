import { ActionIcon, Button } from "@mantine/core";
import { Pause, Play, RotateCw, X } from "lucide-react";
import type { FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { DetailFields } from "@/features/studio/DetailFields";
import { clock, useFormat } from "@/lib/format";
import { CopyAddress } from "./CopyAddress";
import { Extras } from "./Extras";
import { Processing } from "./Processing";
import classes from "./UploadPage.module.css";
import { again, describe, giveUp, goOn, type Item, pause, placeInLine, publish } from "./uploads";

/** Refusals for which there is something special to do. */
const ADVICE = [
  "quota_exceeded",
  "upload_too_large",
  "not_a_video",
  "too_many_uploads",
  "no_space",
  "empty_file",
  "unreachable",
] as const;

function State({ item }: { item: Item }) {
  const { t } = useTranslation(["upload", "common"]);
  const format = useFormat();
  const place = placeInLine(item.id);
  if (item.state === "failed") {
    return (
      <div className={classes.refused} role="alert">
        <p className={classes.failed}>{item.error ?? t("states.failed")}</p>
        <p className="soft">{t(`advice.${ADVICE.find((one) => one === item.code) ?? "other"}`)}</p>
        <Button size="sm" variant="light" leftSection={<RotateCw size={16} />} onClick={() => again(item.id)}>
          {t("common:retry")}
        </Button>
      </div>
    );
  }
  return (
    <p className={classes.state}>
      <span role="status">{t(`states.${item.state}`)}</span>
      {place !== null && <span className="soft">{t("place", { place })}</span>}
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

/** The same file was uploaded before. */
function Duplicate({ item }: { item: Item }) {
  const { t } = useTranslation("upload");
  return (
    <div className={classes.refused} role="status">
      <p>{t("duplicate.title")}</p>
      <p className="soft">{t("duplicate.text")}</p>
      <div className={classes.below}>
        <Link className="link" to={`/studio/videos/${item.video}`}>
          {t("duplicate.open")}
        </Link>
        <Button size="sm" variant="light" onClick={() => again(item.id, { allowDuplicate: true })}>
          {t("duplicate.again")}
        </Button>
      </div>
    </div>
  );
}

/** One upload: how far it is, and what the video is to be called. */
export function UploadCard({ item }: { item: Item }) {
  const { t } = useTranslation(["upload", "common"]);
  const isRunning = item.state === "uploading" || item.state === "waiting";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void publish(item.id);
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
      {item.isDuplicate && item.state === "uploaded" ? (
        <Duplicate item={item} />
      ) : item.state === "uploaded" && item.video ? (
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
      {item.state !== "failed" && !item.isDuplicate && !item.replaces && (
        <form className={classes.form} onSubmit={submit}>
          <DetailFields value={item.details} onChange={(details) => describe(item.id, details)} />
          <div className={classes.below}>
            <Button type="submit" disabled={!item.video || item.isSaved || !item.details.title.trim()}>
              {item.isSaved ? t("saved") : t("common:save")}
            </Button>
            {item.video ? (
              <>
                <Link className="link" to={`/watch/${item.video}`}>
                  {t("open")}
                </Link>
                <Link className="link" to={`/studio/videos/${item.video}`}>
                  {t("more")}
                </Link>
                <CopyAddress video={item.video} />
              </>
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
      {item.state === "uploaded" && item.video && !item.isDuplicate && !item.replaces && (
        <Extras video={item.video} />
      )}
    </section>
  );
}
