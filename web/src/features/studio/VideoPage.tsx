// One's own video: details, poster, subtitles, and the end of it.

import { Button, Menu } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Eye, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { api, unwrap } from "@/api/client";
import type { Video } from "@/api/types";
import { CommentsMode } from "@/features/moderation/CommentsMode";
import { Processing } from "@/features/upload/Processing";
import type { Details } from "@/features/upload/uploads";
import { videoQuery } from "@/features/watch/queries";
import { Page } from "@/ui/Page";
import { toast } from "@/ui/toasts";
import { CaptionFiles } from "./CaptionFiles";
import { DetailFields } from "./DetailFields";
import { detailsOf, isSame } from "./details";
import { OwnVideo } from "./OwnVideo";
import { Posters } from "./Posters";
import { ReplaceFile } from "./ReplaceFile";
import { UnsavedGuard } from "./UnsavedGuard";
import classes from "./VideoPage.module.css";
import { VideoTabs } from "./VideoTabs";

function Editor({ video }: { video: Video }) {
  const { t } = useTranslation(["studio", "common"]);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [details, setDetails] = useState(() => detailsOf(video));
  const path = { params: { path: { id: video._id } } };
  const save = useMutation({
    meta: { silent: true },
    mutationFn: (sent: Details) => unwrap(api.PATCH("/api/v1/videos/{id}", { ...path, body: sent })),
    onSuccess: (saved, sent) => {
      // The server tidies words; what was written meanwhile stays.
      setDetails((now) => (now === sent ? detailsOf(saved) : now));
      queries.setQueryData(videoQuery(video._id).queryKey, saved);
      void queries.invalidateQueries({ queryKey: ["videos"] });
      toast({ text: t("saved"), tone: "good" });
    },
    onError: (error) => toast({ text: error.message, tone: "bad" }),
  });
  const remove = useMutation({
    mutationFn: () => unwrap(api.DELETE("/api/v1/videos/{id}", path)),
    onSuccess: () => {
      void queries.invalidateQueries();
      void navigate("/studio/videos");
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(details);
  };
  return (
    <Page
      title={t("edit.title")}
      actions={
        <>
          <Button
            component={Link}
            to={`/watch/${video._id}`}
            variant="default"
            leftSection={<Eye size={16} />}
          >
            {t("edit.watch")}
          </Button>
          <Menu>
            <Menu.Target>
              <Button variant="default" leftSection={<Trash2 size={16} />}>
                {t("edit.delete")}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Label>{t("edit.sure")}</Menu.Label>
              <Menu.Item color="red" onClick={() => remove.mutate()}>
                {t("edit.deleteNow")}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </>
      }
    >
      <VideoTabs id={video._id} />
      <UnsavedGuard isChanged={!isSame(details, detailsOf(video)) && !remove.isPending} />
      <div className={classes.page}>
        <form className={classes.form} onSubmit={submit}>
          <DetailFields value={details} error={save.error} duration={video.duration} onChange={setDetails} />
          <div>
            <Button type="submit" loading={save.isPending} disabled={!details.title.trim()}>
              {t("common:save")}
            </Button>
          </div>
        </form>
        <div className={classes.form}>
          {video.status !== "ready" && <Processing video={video._id} />}
          <Posters video={video} />
          <CaptionFiles video={video} />
          <ReplaceFile video={video} />
          <CommentsMode video={video._id} />
        </div>
      </div>
    </Page>
  );
}

export default function VideoPage() {
  return <OwnVideo>{(video) => <Editor key={video._id} video={video} />}</OwnVideo>;
}
