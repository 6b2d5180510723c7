import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { CaptionFiles } from "@/features/studio/CaptionFiles";
import { Posters } from "@/features/studio/Posters";
import { videoQuery } from "@/features/watch/queries";
import classes from "./UploadPage.module.css";

/** Poster and subtitles of a video that is still being prepared. */
export function Extras({ video }: { video: string }) {
  const { t } = useTranslation("upload");
  const { data } = useQuery(videoQuery(video));
  if (!data) return null;
  return (
    <details className={classes.extras}>
      <summary>{t("extras")}</summary>
      <Posters video={data} />
      <CaptionFiles video={data} />
    </details>
  );
}
