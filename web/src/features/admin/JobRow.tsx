import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Job } from "@/api/types";
import { useFigures } from "@/features/dashboard/figures";
import { videoQuery } from "@/features/watch/queries";
import { useFormat } from "@/lib/format";
import classes from "./AdminPage.module.css";
import { JobActions } from "./JobActions";
import { JOB_STATES } from "./queries";

const TONES = { dead: "bad", running: "accent", done: "good" } as const;
const SOON_MS = 60_000;
const TITLE_FOR_MS = 5 * 60_000;

/** Kinds by their names; one that is not known here keeps its own. */
export function useJobName(): (kind: string) => string {
  const { t, i18n } = useTranslation("admin");
  return (kind) =>
    i18n.exists(`jobs.kinds.${kind}`, { ns: "admin" }) ? t(`jobs.kinds.${kind as "process_video"}`) : kind;
}

function VideoLink({ id }: { id: string }) {
  const { t } = useTranslation("admin");
  const { data } = useQuery({ ...videoQuery(id), staleTime: TITLE_FOR_MS });
  return (
    <Link className="link" to={`/watch/${id}`}>
      {data?.title ?? t("jobs.video", { id: id.slice(-6) })}
    </Link>
  );
}

function Progress({ job }: { job: Job }) {
  const { t } = useTranslation("admin");
  const { length } = useFigures();
  const percent = Math.floor(job.progress * 100);
  const label = t("jobs.progress", { percent });
  const eta = job.etaSeconds ?? null;
  return (
    <>
      <progress className={classes.bar} value={job.progress} max={1} aria-label={label} />
      <p className={classes.facts}>
        <span>{label}</span>
        {eta !== null && <span>{t("jobs.eta", { time: length(eta) })}</span>}
        {job.step && job.step !== job.kind && <span lang="en">{job.step}</span>}
      </p>
    </>
  );
}

/** A job: what it does, how far it is, and why it failed. */
export function JobRow({ job }: { job: Job }) {
  const { t } = useTranslation("admin");
  const format = useFormat();
  const name = useJobName()(job.kind);
  const state = JOB_STATES.find((one) => one === job.state) ?? "queued";
  const priority = job.priority === "urgent" || job.priority === "low" ? job.priority : null;
  // Some work is put off, and what failed is tried again after a while.
  const waits = state === "queued" && Date.parse(job.runAt) > Date.now() + SOON_MS;
  const isOver = state === "dead" || state === "cancelled";
  return (
    <article className={classes.row} data-plain aria-label={name}>
      <div className={classes.words}>
        <p className={classes.head}>
          <strong>{name}</strong>
          <span className={classes.chip} data-tone={TONES[state as keyof typeof TONES]} data-state={state}>
            {t(`jobs.states.${state}`)}
          </span>
          {priority && <span className={classes.chip}>{t(`jobs.priorities.${priority}`)}</span>}
        </p>
        {state === "running" && <Progress job={job} />}
        {job.lastError && state !== "done" && (
          <p className={isOver ? classes.bad : "soft"} lang="en">
            {job.lastError}
          </p>
        )}
        {job.detail && (
          <details className={classes.detail}>
            <summary>{t("jobs.detail")}</summary>
            <pre lang="en">{job.detail}</pre>
          </details>
        )}
        <p className={classes.facts}>
          {job.video && <VideoLink id={job.video} />}
          {waits && <span>{t("jobs.starts", { when: format.ago(job.runAt) })}</span>}
          {!waits && job.queuePosition != null && (
            <span>{t("jobs.place", { place: job.queuePosition })}</span>
          )}
          {job.attempts > 0 && <span>{t("jobs.attempts", { count: job.attempts })}</span>}
          <time dateTime={job.updatedAt} title={format.dateTime(job.updatedAt)}>
            {format.ago(job.updatedAt)}
          </time>
        </p>
      </div>
      <JobActions job={job} name={name} />
    </article>
  );
}
