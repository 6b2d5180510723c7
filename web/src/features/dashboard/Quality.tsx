import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import classes from "./Dashboard.module.css";
import { useFigures } from "./figures";
import { type Quality as Body, retentionQuery } from "./queries";
import type { Scope } from "./range";

/** How well a video plays with those who watch it. */
export function Quality({ video, scope }: { video: string; scope: Scope }) {
  const { t } = useTranslation("dashboard");
  const figures = useFigures();
  const { data } = useQuery(retentionQuery(video, scope));
  if (!data || data.sessions === 0) return null;
  const { quality } = data;
  const pairs = [
    [t("quality.startup"), figures.seconds(quality.startup)],
    [t("quality.rebuffering"), figures.share(quality.rebufferRatio)],
    [t("quality.stalls"), figures.count(quality.stalls)],
    [t("quality.errors"), figures.count(quality.errors)],
  ] as const;
  return (
    <section className={classes.panel} aria-labelledby="quality">
      <h2 id="quality" className={classes.heading}>
        {t("quality.title")}
      </h2>
      <dl className={classes.pairs}>
        {pairs.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {quality.renditions.length > 0 && <Renditions renditions={quality.renditions} />}
    </section>
  );
}

function Renditions({ renditions }: { renditions: Body["renditions"] }) {
  const { t } = useTranslation("dashboard");
  const figures = useFigures();
  return (
    <table className={`${classes.top} ${classes.compact}`}>
      <caption className="unseen">{t("quality.byRendition")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("parts.rendition")}</th>
          <th scope="col">{t("quality.share")}</th>
          <th scope="col">{t("quality.startup")}</th>
          <th scope="col">{t("quality.waiting")}</th>
        </tr>
      </thead>
      <tbody>
        {renditions.map((one) => (
          <tr key={one.name}>
            <th scope="row">{one.name}</th>
            <td>{figures.share(one.share)}</td>
            <td>{figures.seconds(one.startup)}</td>
            <td>{figures.share(one.rebufferRatio)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
