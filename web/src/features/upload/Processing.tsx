import { Button } from "@mantine/core";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Check, Circle, LoaderCircle, Square } from "lucide-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { useEvent } from "@/events/useEvents";
import { clock } from "@/lib/format";
import classes from "./UploadPage.module.css";

const LOOK_AGAIN_MS = 5_000;

export const statusQuery = (id: string) =>
  queryOptions({
    queryKey: ["video", id, "status"],
    queryFn: () => unwrap(api.GET("/api/v1/videos/{id}/status", { params: { path: { id } } })),
  });

/** How far the preparation of a video is, step by step. */
export function Processing({ video }: { video: string }) {
  const { t } = useTranslation(["upload", "common"]);
  const queries = useQueryClient();
  const key = statusQuery(video).queryKey;
  const { data } = useQuery({
    ...statusQuery(video),
    // Events tell of each step; this is for those that are lost.
    refetchInterval: (query) => (query.state.data?.status === "processing" ? LOOK_AGAIN_MS : false),
  });
  // What is shown of the video beside this changes with it.
  const status = data?.status;
  const before = useRef(status);
  useEffect(() => {
    if (before.current && before.current !== status) {
      void queries.invalidateQueries({ queryKey: ["video", video], exact: true });
      void queries.invalidateQueries({ queryKey: ["video", video, "thumbnails"], exact: true });
    }
    before.current = status;
  }, [queries, status, video]);
  const look = (event: { video: string | null }) => {
    if (event.video === video) void queries.invalidateQueries({ queryKey: key });
  };
  useEvent("job.progress", look);
  useEvent("job.finished", (event) => {
    look(event);
    // Another file takes the place of the present one while the video stays ready.
    if (event.video === video) void queries.invalidateQueries({ queryKey: ["video", video], exact: true });
  });
  useEvent("job.failed", look);
  const retry = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/videos/{id}/retry", { params: { path: { id: video } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
  const stop = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/videos/{id}/cancel", { params: { path: { id: video } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
  if (!data) return <progress className={classes.progress} aria-label={t("processing")} />;
  if (data.status === "failed" || data.status === "rejected") {
    return (
      <div role="alert">
        <p className={classes.failed}>{data.statusReason ?? t("states.failed")}</p>
        {data.status === "failed" && (
          <Button variant="light" size="sm" loading={retry.isPending} onClick={() => retry.mutate()}>
            {t("common:retry")}
          </Button>
        )}
        {data.status === "rejected" && <p className="soft">{t("rejectedAdvice")}</p>}
      </div>
    );
  }
  const isReady = data.status === "ready";
  return (
    <>
      <progress
        className={classes.progress}
        value={isReady ? 1 : data.progress}
        max={1}
        aria-label={t("processing")}
      />
      <p className={classes.state}>
        <span role="status">{isReady ? t("ready") : data.isWaiting ? t("inQueue") : t("processing")}</span>
        {!isReady && data.etaSeconds !== null && data.etaSeconds !== undefined && (
          <span className="soft">{t("left", { time: clock(data.etaSeconds) })}</span>
        )}
        {!isReady && data.watchable && <span className="soft">{t("watchable")}</span>}
      </p>
      {!isReady && (
        <ol className={classes.steps}>
          {data.steps.map((step) => (
            <li key={step.name} data-state={step.state}>
              {step.state === "done" ? (
                <Check size={14} aria-hidden />
              ) : step.state === "running" ? (
                <LoaderCircle size={14} aria-hidden />
              ) : (
                <Circle size={14} aria-hidden />
              )}
              {t(`steps.${step.name}` as "steps.audio", { defaultValue: step.name })}
              {step.state === "running" && ` ${Math.round(step.progress * 100)} %`}
            </li>
          ))}
        </ol>
      )}
      {!isReady && (
        <Button
          mt="xs"
          size="compact-sm"
          variant="default"
          leftSection={<Square size={14} />}
          loading={stop.isPending}
          onClick={() => stop.mutate()}
        >
          {t("stop")}
        </Button>
      )}
    </>
  );
}
