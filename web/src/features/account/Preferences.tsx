import { Switch } from "@mantine/core";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { ListSkeleton } from "@/ui/Skeletons";
import classes from "./AccountPage.module.css";

const preferencesQuery = queryOptions({
  queryKey: ["notifications", "preferences"],
  queryFn: () => unwrap(api.GET("/api/v1/notifications/preferences")),
});

/** What one wants to be told of. */
export function Preferences() {
  const { t } = useTranslation("account");
  const queries = useQueryClient();
  const { data } = useQuery(preferencesQuery);
  const set = useMutation({
    mutationFn: (body: Record<string, boolean>) =>
      unwrap(api.PATCH("/api/v1/notifications/preferences", { body })),
    onMutate: (change) =>
      queries.setQueryData(preferencesQuery.queryKey, (before) => before && { ...before, ...change }),
    onSettled: () => queries.invalidateQueries({ queryKey: preferencesQuery.queryKey }),
  });
  if (!data) return <ListSkeleton count={4} />;
  const kinds = Object.keys(data) as (keyof typeof data)[];
  return (
    <section className={classes.form}>
      <h2>{t("notifications.about")}</h2>
      {kinds.map((kind) => (
        <Switch
          key={kind}
          label={t(`notifications.${kind}`)}
          checked={data[kind]}
          onChange={(event) => set.mutate({ [kind]: event.currentTarget.checked })}
        />
      ))}
    </section>
  );
}
