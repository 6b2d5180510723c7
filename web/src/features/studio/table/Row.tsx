// A video of one's own in the table: how it stands, its numbers, and what can be done with it.
import { Button, Checkbox, Menu } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ChartLine, CircleAlert, Globe, Link2, Lock, PencilLine, RotateCw, Trash2, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useFormat } from "@/lib/format";
import { Thumb } from "@/ui/VideoCard";
import { VideoMenu } from "@/ui/VideoMenu";
import { Cell } from "./Parts";
import { cancel, patch, retry, type StudioVideo } from "./queries";
import classes from "./Table.module.css";
import { useWatchTime } from "./watchTime";

const VISIBILITIES = { public: Globe, unlisted: Link2, private: Lock } as const;
type Visibility = keyof typeof VISIBILITIES;

function Standing({ video }: { video: StudioVideo }) {
  const { t } = useTranslation(["studio", "common"]);
  const queries = useQueryClient();
  const set = useMutation({
    mutationFn: (again: boolean) => (again ? retry(video._id) : cancel(video._id)),
    onSuccess: ({ status, statusReason, progress }) =>
      patch(queries, video._id, { status, progress, statusReason: statusReason ?? null }),
  });
  if (video.status === "ready") return null;
  if (video.status === "failed" || video.status === "rejected") {
    return (
      <p className={classes.bad}>
        <CircleAlert size={14} aria-hidden />
        <span>
          {t(`status.${video.status}`)}
          {video.statusReason && `: ${video.statusReason}`}
        </span>
        {video.status === "failed" && (
          <Button
            size="compact-xs"
            variant="light"
            leftSection={<RotateCw size={12} />}
            loading={set.isPending}
            aria-label={t("table.retry", { title: video.title })}
            onClick={() => set.mutate(true)}
          >
            {t("common:retry")}
          </Button>
        )}
      </p>
    );
  }
  const percent = Math.round(video.progress * 100);
  return (
    <p className={classes.busy}>
      <progress value={video.progress} max={1} aria-label={t("status.processing", { percent })} />
      <span>{t("status.processing", { percent })}</span>
      <Button
        size="compact-xs"
        variant="subtle"
        color="gray"
        leftSection={<X size={12} />}
        loading={set.isPending}
        aria-label={t("table.cancel", { title: video.title })}
        onClick={() => set.mutate(false)}
      >
        {t("common:cancel")}
      </Button>
    </p>
  );
}

interface Props {
  video: StudioVideo;
  watchTime: number | undefined;
  isOn: boolean;
  onTick: (isRange: boolean) => void;
  onRemove: () => void;
}

export function Row({ video, watchTime, isOn, onTick, onRemove }: Props) {
  const { t } = useTranslation(["studio", "common", "dashboard"]);
  const format = useFormat();
  const asTime = useWatchTime();
  const visibility: Visibility =
    video.visibility in VISIBILITIES ? (video.visibility as Visibility) : "private";
  const Icon = VISIBILITIES[visibility];
  return (
    <div className={classes.row} data-on={isOn || undefined}>
      <Cell name="tick">
        <Checkbox
          aria-label={t("table.select", { title: video.title })}
          checked={isOn}
          onChange={(event) => onTick(event.nativeEvent instanceof MouseEvent && event.nativeEvent.shiftKey)}
        />
      </Cell>
      <Cell name="video">
        <Link to={`/watch/${video._id}`} className={classes.thumb} tabIndex={-1} aria-hidden>
          <Thumb video={{ ...video, resumeAt: null }} />
        </Link>
        <div className={classes.words}>
          <Link to={`/studio/videos/${video._id}`} className={classes.title}>
            {video.title}
          </Link>
          {video.takenDown ? (
            <p className={classes.bad}>
              <CircleAlert size={14} aria-hidden />
              <span>{t("table.takenDown")}</span>
            </p>
          ) : (
            <Standing video={video} />
          )}
        </div>
      </Cell>
      <Cell name="visibility">
        <Icon size={16} aria-hidden /> {t(`common:video.visibility.${visibility}`)}
      </Cell>
      <Cell name="date">
        <time dateTime={video.createdAt} title={format.dateTime(video.createdAt)}>
          {format.date(video.createdAt)}
        </time>
      </Cell>
      <Cell label={t("videos.views")}>{format.number(video.views)}</Cell>
      <Cell label={t("table.watchTime")}>{watchTime === undefined ? "–" : asTime(watchTime)}</Cell>
      <Cell label={t("videos.likes")}>{format.number(video.likesCount)}</Cell>
      <Cell label={t("videos.comments")}>{format.number(video.commentsCount)}</Cell>
      <Cell name="menu">
        <VideoMenu
          video={video}
          extra={
            <>
              <Menu.Item
                component={Link}
                to={`/studio/videos/${video._id}`}
                leftSection={<PencilLine size={18} />}
              >
                {t("edit.title")}
              </Menu.Item>
              <Menu.Item
                component={Link}
                to={`/studio/videos/${video._id}/analytics`}
                leftSection={<ChartLine size={18} />}
              >
                {t("dashboard:video.analytics")}
              </Menu.Item>
              <Menu.Item color="red" leftSection={<Trash2 size={18} />} onClick={onRemove}>
                {t("edit.delete")}
              </Menu.Item>
            </>
          }
        />
      </Cell>
    </div>
  );
}
