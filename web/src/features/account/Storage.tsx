import { queryOptions, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, unwrap } from "@/api/client";
import { useFormat } from "@/lib/format";
import { ListSkeleton } from "@/ui/Skeletons";
import { ErrorState } from "@/ui/States";
import classes from "./AccountPage.module.css";

export const storageQuery = queryOptions({
  queryKey: ["storage"],
  queryFn: () => unwrap(api.GET("/api/v1/users/storage")),
  staleTime: 0,
});

/** How much room one's videos take. */
export function Storage() {
  const { t } = useTranslation("account");
  const format = useFormat();
  const { data, error, refetch } = useQuery(storageQuery);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <ListSkeleton count={4} />;
  const used = format.bytes(data.usedBytes);
  const label = data.quotaBytes
    ? t("storage.of", { used, of: format.bytes(data.quotaBytes) })
    : t("storage.used", { used });
  return (
    <section>
      <h2>{label}</h2>
      {data.quotaBytes ? (
        <progress className={classes.bar} value={data.usedBytes} max={data.quotaBytes} aria-label={label} />
      ) : null}
      <h3>{t("storage.videos")}</h3>
      <ul className={classes.list}>
        {data.videos.items.map((one) => (
          <li key={one._id}>
            <Link to={`/studio/videos/${one._id}`}>{one.title}</Link>
            <span className="soft">{format.bytes(one.bytes)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
