import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ImagePlus } from "lucide-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { api, sendForm, unwrap } from "@/api/client";
import type { Video } from "@/api/types";
import { useEvent } from "@/events/useEvents";
import { clock } from "@/lib/format";
import classes from "./VideoPage.module.css";

export const postersQuery = (id: string) =>
  queryOptions({
    queryKey: ["video", id, "thumbnails"],
    queryFn: () => unwrap(api.GET("/api/v1/videos/{id}/thumbnails", { params: { path: { id } } })),
    // Their addresses end after ten minutes.
    staleTime: 0,
  });

/** Frames of the video to choose the poster from, or a picture of one's own. */
export function Posters({ video }: { video: Video }) {
  const { t } = useTranslation("studio");
  const queries = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const { data } = useQuery(postersQuery(video._id));
  // Frames are there long before the video is ready; another file brings others.
  const look = (of: string | null) => {
    if (of === video._id) void queries.invalidateQueries({ queryKey: postersQuery(video._id).queryKey });
  };
  useEvent("job.progress", (event) => {
    if (!data?.length) look(event.video);
  });
  useEvent("job.finished", (event) => look(event.video));
  const renew = () => queries.invalidateQueries({ queryKey: ["video", video._id] });
  const choose = useMutation({
    mutationFn: (candidate: string) =>
      unwrap(
        api.PUT("/api/v1/videos/{id}/thumbnail", {
          params: { path: { id: video._id } },
          body: { candidate },
        }),
      ),
    onSuccess: renew,
  });
  const send = useMutation({
    mutationFn: (file: File) => {
      const form = new FormData();
      form.set("thumbnail", file);
      return sendForm<Video>("PATCH", `/api/v1/videos/${video._id}`, form);
    },
    onSuccess: renew,
  });
  return (
    <section>
      <h2>{t("poster.title")}</h2>
      <fieldset className={classes.posters}>
        <legend className="unseen">{t("poster.title")}</legend>
        {data?.map((one) => (
          <button
            key={one.id}
            type="button"
            className={classes.poster}
            aria-pressed={one.chosen}
            onClick={() => choose.mutate(one.id)}
          >
            <img src={one.url} alt={t("poster.at", { time: clock(one.at) })} loading="lazy" />
          </button>
        ))}
        <button
          type="button"
          className={`${classes.poster} ${classes.own}`}
          disabled={send.isPending}
          onClick={() => input.current?.click()}
        >
          <ImagePlus size={20} aria-hidden />
          {t("poster.own")}
        </button>
      </fieldset>
      <input
        ref={input}
        type="file"
        accept="image/jpeg,image/png,image/webp"
        hidden
        aria-label={t("poster.own")}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file) send.mutate(file);
          event.currentTarget.value = "";
        }}
      />
    </section>
  );
}
