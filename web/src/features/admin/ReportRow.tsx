import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { REASONS } from "@/features/watch/reasons";
import { useFormat } from "@/lib/format";
import classes from "./AdminPage.module.css";
import { kindOf, place } from "./places";
import type { Report } from "./queries";
import { ReportActions } from "./ReportActions";

function Subject({ report }: { report: Report }) {
  const { t } = useTranslation("admin");
  const { about, kind, target } = report;
  if (!about) return <p className="soft">{t("reports.gone")}</p>;
  // What is down is only there where moderators may still see it.
  const isThere = !report.takenDown || kind === "video";
  return (
    <>
      <blockquote className={classes.quote}>{about.text}</blockquote>
      <p className={classes.facts}>
        <Link className="link" to={`/@${about.owner}`}>
          {kind === "user" ? `@${about.owner}` : t("reports.of", { name: about.owner })}
        </Link>
        {isThere && kind !== "user" && (
          <Link className="link" to={place({ ...about, kind, _id: target })}>
            {t("reports.open")}
          </Link>
        )}
      </p>
    </>
  );
}

/** A report: what is said to be wrong with what, by whom. */
export function ReportRow({ report }: { report: Report }) {
  const { t } = useTranslation(["admin", "watch"]);
  const format = useFormat();
  const reason = REASONS.find((one) => one === report.reason) ?? "other";
  const reporter = report.reporter.username;
  const label = t(`watch:report.reasons.${reason}`);
  return (
    <article
      className={classes.row}
      data-plain
      aria-label={`${t(`kind.${kindOf(report.kind)}`)}: ${report.about?.text ?? label}`}
    >
      <div className={classes.words}>
        <p className={classes.head}>
          <span className={classes.chip}>{t(`kind.${kindOf(report.kind)}`)}</span>
          <strong>{label}</strong>
          {report.takenDown && (
            <span className={classes.chip} data-tone="bad">
              {t("reports.takenDown")}
            </span>
          )}
        </p>
        <Subject report={report} />
        <p className={classes.facts}>
          <span>{t("reports.by", { name: reporter ? `@${reporter}` : t("reports.someone") })}</span>
          <time dateTime={report.createdAt} title={format.dateTime(report.createdAt)}>
            {format.ago(report.createdAt)}
          </time>
        </p>
        {report.text && <p className={classes.said}>{report.text}</p>}
        {report.note && <p className="soft">{t("reports.note", { note: report.note })}</p>}
      </div>
      <ReportActions report={report} reason={label} />
    </article>
  );
}
