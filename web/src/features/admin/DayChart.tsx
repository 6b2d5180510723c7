import { useTranslation } from "react-i18next";
import classes from "./Overview.module.css";

interface Props {
  name: string;
  days: { day: string; value: number }[];
  /** How a value is written. */
  show: (value: number) => string;
}

const STEP = 10;
const HEIGHT = 56;
/** Something is seen of the smallest value. */
const LEAST = 1.5;

/** A bar for each day. What it says to the eye stands in the table of the page as well. */
export function DayChart({ name, days, show }: Props) {
  const { t, i18n } = useTranslation("admin");
  const most = Math.max(1, ...days.map((one) => one.value));
  const sum = show(days.reduce((all, one) => all + one.value, 0));
  const format = new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium", timeZone: "UTC" });
  const best = show(Math.max(0, ...days.map((one) => one.value)));
  return (
    <figure className={classes.chart}>
      <figcaption>
        <span className="soft">{name}</span>
        <strong>{sum}</strong>
      </figcaption>
      <svg
        viewBox={`0 0 ${days.length * STEP} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t("overview.chart", { name, sum, most: best })}
      >
        {days.map(({ day, value }, index) => {
          const height = value === 0 ? 0 : Math.max(LEAST, (value / most) * (HEIGHT - 2));
          return (
            <g key={day}>
              <title>{`${format.format(new Date(day))}: ${show(value)}`}</title>
              <rect className={classes.reach} x={index * STEP} y={0} width={STEP} height={HEIGHT} />
              <rect x={index * STEP + 1.5} y={HEIGHT - height} width={STEP - 3} height={height} />
            </g>
          );
        })}
        <line x1={0} x2={days.length * STEP} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
      </svg>
    </figure>
  );
}
