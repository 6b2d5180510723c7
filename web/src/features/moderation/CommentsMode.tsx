import { Select } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, unwrap } from "@/api/client";
import { toast } from "@/ui/toasts";
import classes from "./Moderation.module.css";
import { modeQuery } from "./queries";

const MODES = ["on", "held", "off"] as const;
type Mode = (typeof MODES)[number];

/** Whether comments are taken under a video of one's own; said at once. */
export function CommentsMode({ video }: { video: string }) {
  const { t } = useTranslation(["moderation", "studio"]);
  const queries = useQueryClient();
  const { data } = useQuery(modeQuery(video));
  const key = modeQuery(video).queryKey;
  const set = useMutation({
    mutationFn: (commentsMode: string) =>
      unwrap(
        api.PATCH("/api/v1/videos/{id}/comment-settings", {
          params: { path: { id: video } },
          body: { commentsMode },
        }),
      ),
    onMutate: (to) => {
      const before = queries.getQueryData(key);
      queries.setQueryData(key, to);
      return { before };
    },
    onError: (_error, _to, context) => queries.setQueryData(key, context?.before),
    onSuccess: () => toast({ text: t("studio:saved"), tone: "good" }),
  });
  return (
    <section className={classes.mode}>
      <h2>{t("mode.title")}</h2>
      <Select
        aria-label={t("mode.title")}
        description={data ? t(`mode.about.${data as Mode}`) : undefined}
        inputWrapperOrder={["label", "input", "description", "error"]}
        allowDeselect={false}
        disabled={data === undefined}
        value={data ?? null}
        data={MODES.map((value) => ({ value, label: t(`mode.${value}`) }))}
        onChange={(to) => to && to !== data && set.mutate(to)}
      />
      <p>
        <Link className="link" to={`/studio/comments?video=${video}`}>
          {t("mode.waiting")}
        </Link>
      </p>
    </section>
  );
}
