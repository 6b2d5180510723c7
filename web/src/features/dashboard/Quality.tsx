import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import classes from "./Dashboard.module.css";
import { useFigures } from "./figures";
import { retentionQuery } from "./queries";
import type { Range } from "./range";

/** How well a video plays with those who watch it. */
export function Quality({ video, range }: { video: string; range: Range }) {
  const { t } = useTranslation("dashboard");
  const figures = useFigures();
  const { data } = useQuery(retentionQuery(video, range));
  if (!data || data.sessions === 0) return null;
  const { quality } = data;
  const seconds = (value: number | null | undefined) =>
    value === null || value === undefined
      ? "–"
      : new Intl.NumberFormat(figures.language, {
          style: "unit",
          unit: "second",
          maximumFractionDigits: 2,
        }).format(value);
  const share = (value: number | null | undefined) =>
    value === null || value === undefined ? "–" : figures.share(value);
  return (
    <section className={classes.panel} aria-labelledby="quality">
      <h2 id="quality" className={classes.heading}>
        {t("quality.title")}
      </h2>
      <dl className={classes.pairs}>
        <div>
          <dt>{t("quality.startup")}</dt>
          <dd>{seconds(quality.startup)}</dd>
        </div>
        <div>
          <dt>{t("quality.rebuffering")}</dt>
          <dd>{share(quality.rebufferRatio)}</dd>
        </div>
        <div>
          <dt>{t("quality.stalls")}</dt>
          <dd>{figures.of("views", quality.stalls)}</dd>
        </div>
        <div>
          <dt>{t("quality.errors")}</dt>
          <dd>{figures.of("views", quality.errors)}</dd>
        </div>
      </dl>
      {quality.renditions.length > 0 && (
        <table className={classes.top}>
          <thead>
            <tr>
              <th scope="col">{t("parts.rendition")}</th>
              <th scope="col">{t("metric.watchTime")}</th>
              <th scope="col">{t("quality.startup")}</th>
            </tr>
          </thead>
          <tbody>
            {quality.renditions.map((one) => (
              <tr key={one.name}>
                <th scope="row">{one.name}</th>
                <td>
                  {figures.of("watchTime", one.watchTime)} <span className="soft">{share(one.share)}</span>
                </td>
                <td>{seconds(one.startup)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
