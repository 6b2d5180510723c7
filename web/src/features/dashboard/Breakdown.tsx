// Where views come from and on what: told apart by source, site, device, country or rendition.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Choices } from "@/ui/Choices";
import { Bone } from "@/ui/Skeletons";
import { ErrorState } from "@/ui/States";
import classes from "./Dashboard.module.css";
import { useFigures } from "./figures";
import { type Metric, PARTS, type Part, topQuery } from "./queries";
import { isTellable, type Scope } from "./range";
import { WholeDays } from "./TopVideos";

const SOURCES = [
  "search",
  "subscriptions",
  "related",
  "playlist",
  "channel",
  "home",
  "embed",
  "external",
  "direct",
] as const;
const DEVICES = ["desktop", "phone", "tablet", "tv"] as const;

/** A name of a part as people know it. */
function useNames(part: Part): (name: string) => string {
  const { t, i18n } = useTranslation("dashboard");
  const countries = useMemo(() => new Intl.DisplayNames(i18n.language, { type: "region" }), [i18n.language]);
  return (name) => {
    if (part === "source") {
      const known = SOURCES.find((one) => one === name);
      return known ? t(`source.${known}`) : name;
    }
    if (part === "device") {
      const known = DEVICES.find((one) => one === name);
      return known ? t(`device.${known}`) : name;
    }
    if (part === "host" && name === "(other)") return t("parts.otherHosts");
    if (part === "country" && /^[A-Z]{2}$/.test(name)) return countries.of(name) ?? name;
    return name;
  };
}

export function Breakdown({ scope, metric }: { scope: Scope; metric: Metric }) {
  const { t } = useTranslation("dashboard");
  const [part, setPart] = useState<Part>("source");
  return (
    <section className={classes.panel} aria-labelledby="parts">
      <h2 id="parts" className={classes.heading}>
        {metric === "watchTime" ? t("parts.watchTime") : t("parts.views")}
      </h2>
      <Choices
        label={t("parts.by")}
        value={part}
        options={PARTS.map((value) => ({ value, label: t(`parts.${value}`) }))}
        onChange={setPart}
      />
      {isTellable(scope) ? (
        <Parts part={part} scope={scope} by={metric === "watchTime" ? "watchTime" : "views"} />
      ) : (
        <p className="soft">{t("parts.tooLong")}</p>
      )}
    </section>
  );
}

function Parts({ part, scope, by }: { part: Part; scope: Scope; by: "views" | "watchTime" }) {
  const { t } = useTranslation("dashboard");
  const figures = useFigures();
  const nameOf = useNames(part);
  const { data, error, refetch } = useQuery({
    ...topQuery(part, by, scope),
    placeholderData: keepPreviousData,
  });
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  // While the next part is on the way, the last one would stand under its name.
  if (!data || data.by !== part) return <Bone height={140} />;
  if (data.items.length === 0) {
    return <p className="soft">{part === "country" ? t("parts.noCountry") : t("parts.none")}</p>;
  }
  const known = data.items.reduce((sum, one) => sum + one.share, 0);
  return (
    <>
      <ul className={classes.bars}>
        {data.items.map((item) => (
          <li key={item.name ?? ""}>
            <span className={classes.barName}>{nameOf(item.name ?? "")}</span>
            <span className={classes.barFigure}>
              {figures.of(by, item.value)} <span className="soft">{figures.share(item.share)}</span>
            </span>
            <span className={classes.bar} aria-hidden>
              <span style={{ width: `${Math.min(100, item.share * 100)}%` }} />
            </span>
          </li>
        ))}
      </ul>
      {known < 0.99 && (
        <p className={classes.small}>{t("parts.unknown", { share: figures.share(1 - known) })}</p>
      )}
      <WholeDays scope={scope} />
    </>
  );
}
