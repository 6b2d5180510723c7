import { Button, Menu } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { Job } from "@/api/types";
import { MoreMenu } from "@/ui/LazyMenu";
import { toast } from "@/ui/toasts";
import classes from "./AdminPage.module.css";

const PRIORITIES = ["urgent", "normal", "low"] as const;

/** Trying again, ending, and saying what is urgent. */
export function JobActions({ job, name }: { job: Job; name: string }) {
  const { t } = useTranslation("admin");
  const queries = useQueryClient();
  const path = { params: { path: { id: job._id } } };
  const done = (text: string) => {
    toast({ text, tone: "good" });
    return queries.invalidateQueries({ queryKey: ["admin", "jobs"] });
  };
  const retry = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/jobs/{id}/retry", path)),
    onSuccess: () => done(t("jobs.retried")),
  });
  const cancel = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/jobs/{id}/cancel", path)),
    onSuccess: () => done(t("jobs.wasCancelled")),
  });
  const setPriority = useMutation({
    mutationFn: (priority: string) =>
      unwrap(api.PATCH("/api/v1/admin/jobs/{id}", { ...path, body: { priority } })),
    onSuccess: () => done(t("jobs.prioritySet")),
  });
  const isLive = job.state === "queued" || job.state === "running";
  const isOver = job.state === "dead" || job.state === "cancelled";
  return (
    <div className={classes.actions}>
      {isOver && (
        <Button size="sm" variant="default" loading={retry.isPending} onClick={() => retry.mutate()}>
          {t("jobs.retry")}
        </Button>
      )}
      {/* What was promised to somebody, such as removing, cannot be ended. */}
      {isLive && !/^(remove|hide|mark)_/.test(job.kind) && (
        <Button size="sm" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>
          {t("jobs.cancel")}
        </Button>
      )}
      {isLive && (
        <MoreMenu label={t("jobs.more", { kind: name })}>
          <Menu.Label>{t("jobs.priority")}</Menu.Label>
          <Menu.RadioGroup value={job.priority} onChange={(to) => setPriority.mutate(to)}>
            {PRIORITIES.map((one) => (
              <Menu.RadioItem key={one} value={one}>
                {t(`jobs.priorities.${one}`)}
              </Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
        </MoreMenu>
      )}
    </div>
  );
}
