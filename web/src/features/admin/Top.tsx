import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useFormat } from "@/lib/format";
import classes from "./Overview.module.css";
import type { Stats } from "./queries";

interface Props {
  name: string;
  id: string;
  rows: { _id: string; title: string; value: string }[];
}

function List({ name, id, rows }: Props) {
  const { t } = useTranslation("admin");
  return (
    <section aria-labelledby={id}>
      <h3 id={id}>{name}</h3>
      {rows.length === 0 && <p className="soft">{t("overview.none")}</p>}
      <ol className={classes.top}>
        {rows.map((row) => (
          <li key={row._id}>
            <Link to={`/watch/${row._id}`}>{row.title}</Link>
            <span>{row.value}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Videos that are sent and viewed most. */
export function Top({ stats }: { stats: Stats }) {
  const { t } = useTranslation(["admin", "common"]);
  const format = useFormat();
  const sent = stats.topByBandwidth.map((one) => ({ ...one, value: format.bytes(one.sent?.bytes ?? 0) }));
  const viewed = stats.topByViews.map((one) => ({
    ...one,
    value: t("common:video.views", { count: one.views, shown: format.compact(one.views) }),
  }));
  return (
    <div className={classes.tops}>
      <List id="top-sent" name={t("overview.topSent")} rows={sent} />
      <List id="top-viewed" name={t("overview.topViewed")} rows={viewed} />
    </div>
  );
}
