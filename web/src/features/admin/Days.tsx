import { useTranslation } from "react-i18next";
import { useFigures } from "@/features/dashboard/figures";
import { useFormat } from "@/lib/format";
import { DayChart } from "./DayChart";
import classes from "./Overview.module.css";
import type { Day } from "./queries";

type Name = "views" | "watchTime" | "viewers" | "sent" | "newUsers" | "newVideos";

/** The last days as charts, and the same as a table. */
export function Days({ days }: { days: Day[] }) {
  const { t, i18n } = useTranslation("admin");
  const format = useFormat();
  const { length } = useFigures();
  const columns: [Name, (day: Day) => number, (value: number) => string][] = [
    ["views", (day) => day.views, format.number],
    ["watchTime", (day) => day.watchTime, length],
    ["viewers", (day) => day.viewers, format.number],
    ["sent", (day) => day.sent.bytes, format.bytes],
    ["newUsers", (day) => day.newUsers, format.number],
    ["newVideos", (day) => day.newVideos, format.number],
  ];
  const date = new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium", timeZone: "UTC" });
  return (
    <section aria-labelledby="days">
      <h3 id="days">{t("overview.lately")}</h3>
      <div className={classes.charts}>
        {columns.map(([name, of, show]) => (
          <DayChart
            key={name}
            name={t(`overview.${name}`)}
            show={show}
            days={days.map((day) => ({ day: day.day, value: of(day) }))}
          />
        ))}
      </div>
      <details className={classes.table}>
        <summary>{t("overview.table")}</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached without a mouse */}
        <section className={classes.scroll} tabIndex={0} aria-label={t("overview.lately")}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("overview.day")}</th>
                {columns.map(([name]) => (
                  <th key={name} scope="col">
                    {t(`overview.${name}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {days.toReversed().map((day) => (
                <tr key={day.day}>
                  <th scope="row">{date.format(new Date(day.day))}</th>
                  {columns.map(([name, of, show]) => (
                    <td key={name}>{show(of(day))}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
    </section>
  );
}
