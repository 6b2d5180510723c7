import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useFigures } from "@/features/dashboard/figures";
import { useFormat } from "@/lib/format";
import { Bone, ListSkeleton } from "@/ui/Skeletons";
import { ErrorState } from "@/ui/States";
import { Days } from "./Days";
import { NextSteps } from "./NextSteps";
import classes from "./Overview.module.css";
import { type Stats, statsQuery } from "./queries";
import { Top } from "./Top";
import { Waiting } from "./Waiting";

interface TileProps {
  name: string;
  value: string;
  note?: string | undefined;
}

function Tile({ name, value, note }: TileProps) {
  return (
    <div className={classes.tile}>
      <dt>{name}</dt>
      <dd>
        {value}
        {note && <small>{note}</small>}
      </dd>
    </div>
  );
}

function Now({ stats }: { stats: Stats }) {
  const { t } = useTranslation("admin");
  const format = useFormat();
  const { live, active, encodes } = stats;
  const speed = encodes.speed ? format.number(Math.round(encodes.speed * 10) / 10) : null;
  return (
    <section aria-labelledby="now">
      <h3 id="now">{t("overview.now")}</h3>
      <dl className={classes.tiles}>
        <Tile name={t("overview.watching")} value={format.number(live.viewers)} />
        <Tile name={t("overview.listening")} value={format.number(live.listeners)} />
        <Tile name={t("overview.activeViewers")} value={format.number(active.viewers.today)} />
        <Tile name={t("overview.activeUsers")} value={format.number(active.users.today)} />
        <Tile
          name={t("overview.encodesRunning")}
          value={format.number(encodes.running)}
          note={speed ? t("overview.encodeSpeed", { speed }) : undefined}
        />
        <Tile
          name={t("overview.encodesQueued")}
          value={format.number(encodes.queued)}
          note={encodes.failed > 0 ? t("overview.encodesFailed", { count: encodes.failed }) : undefined}
        />
      </dl>
    </section>
  );
}

function Totals({ stats }: { stats: Stats }) {
  const { t } = useTranslation("admin");
  const format = useFormat();
  const { length } = useFigures();
  const { totals, storage } = stats;
  return (
    <section aria-labelledby="totals">
      <h3 id="totals">{t("overview.totals")}</h3>
      <dl className={classes.tiles}>
        <Tile name={t("overview.users")} value={format.number(totals.users)} />
        <Tile name={t("overview.videos")} value={format.number(totals.videos)} />
        <Tile name={t("overview.comments")} value={format.number(totals.comments)} />
        <Tile name={t("overview.views")} value={format.number(totals.views)} />
        <Tile name={t("overview.watchTime")} value={length(totals.watchTime)} />
        <Tile
          name={t("storage.media")}
          value={format.bytes(storage.totalBytes)}
          note={t("overview.free", {
            free: format.bytes(storage.diskFreeBytes),
            total: format.bytes(storage.diskTotalBytes),
          })}
        />
      </dl>
    </section>
  );
}

/** How the site is, and what waits for whoever looks after it. */
export function Overview() {
  const { data, error, refetch } = useQuery(statsQuery);
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return (
    <div className={classes.page}>
      {data?.totals.videos === 0 && <NextSteps />}
      <Waiting />
      {data ? (
        <>
          <Now stats={data} />
          <Totals stats={data} />
          <Days days={data.days} />
          <Top stats={data} />
        </>
      ) : (
        <>
          <Bone height={96} />
          <ListSkeleton count={4} />
        </>
      )}
    </div>
  );
}
