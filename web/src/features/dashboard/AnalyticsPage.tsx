// How one video of one's own is doing, with the curve of how far people watch it.

import { useTranslation } from "react-i18next";
import type { Video } from "@/api/types";
import { OwnVideo } from "@/features/studio/OwnVideo";
import { VideoTabs } from "@/features/studio/VideoTabs";
import { Page } from "@/ui/Page";
import { Breakdown } from "./Breakdown";
import classes from "./Dashboard.module.css";
import { ExportMenu } from "./ExportMenu";
import { useLive } from "./live";
import { Metrics } from "./Metrics";
import { Now } from "./Now";
import { Quality } from "./Quality";
import { METRICS } from "./queries";
import { RangePicker } from "./RangePicker";
import { dayOf } from "./range";
import { Retention } from "./retention/Retention";
import { useChosen } from "./useChosen";
import { Whole } from "./Whole";

/** Nothing tells which video somebody followed a channel from. */
const OF_A_VIDEO = METRICS.filter((one) => one !== "subscribers");

function Analytics({ video }: { video: Video }) {
  const { t } = useTranslation("dashboard");
  const since = dayOf(new Date(video.createdAt));
  const { scope, metric, setRange, setMetric, setIsCompared } = useChosen(OF_A_VIDEO, since, video._id);
  const isLive = useLive(video._id);
  return (
    <Page title={t("video.title", { title: video.title })} actions={<ExportMenu scope={scope} />}>
      <VideoTabs id={video._id} />
      <div className={classes.page}>
        <RangePicker scope={scope} onRange={setRange} onCompared={setIsCompared} />
        <div className={classes.columns}>
          <div className={classes.column}>
            <Metrics metrics={OF_A_VIDEO} scope={scope} chosen={metric} onChoose={setMetric} />
            <Retention video={video} scope={scope} />
          </div>
          <div className={classes.column}>
            <Now isLive={isLive} video={video._id} />
            <Whole video={video._id} />
            <Breakdown scope={scope} metric={metric} />
            <Quality video={video._id} scope={scope} />
          </div>
        </div>
      </div>
    </Page>
  );
}

export default function AnalyticsPage() {
  return <OwnVideo>{(video) => <Analytics key={video._id} video={video} />}</OwnVideo>;
}
