// How one video of one's own is doing, with the curve of how far people watch it.
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Pencil } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import type { Video } from "@/api/types";
import NotFoundPage from "@/app/NotFoundPage";
import { videoQuery } from "@/features/watch/queries";
import { isNotFound } from "@/lib/errors";
import { RequireSignIn } from "@/session/RequireSignIn";
import { useMe } from "@/session/session";
import { Page } from "@/ui/Page";
import { Bone } from "@/ui/Skeletons";
import { ErrorState } from "@/ui/States";
import { Breakdown } from "./Breakdown";
import { useChosen } from "./Dashboard";
import classes from "./Dashboard.module.css";
import { ExportMenu } from "./ExportMenu";
import { useLive } from "./live";
import { Metrics } from "./Metrics";
import { Now } from "./Now";
import { Quality } from "./Quality";
import { METRICS } from "./queries";
import { RangePicker } from "./RangePicker";
import { Retention } from "./Retention";

/** Nothing tells which video somebody followed a channel from. */
const OF_A_VIDEO = METRICS.filter((one) => one !== "subscribers");

function Analytics({ video }: { video: Video }) {
  const { t } = useTranslation("dashboard");
  const { range, metric, setRange, setMetric } = useChosen(OF_A_VIDEO);
  const live = useLive(video._id);
  return (
    <Page
      title={t("video.title", { title: video.title })}
      actions={
        <>
          <Button
            component={Link}
            to={`/studio/videos/${video._id}`}
            variant="default"
            leftSection={<Pencil size={16} />}
          >
            {t("video.edit")}
          </Button>
          <ExportMenu range={range} video={video._id} />
        </>
      }
    >
      <div className={classes.page}>
        <RangePicker range={range} onChange={setRange} />
        <div className={classes.columns}>
          <div className={classes.column}>
            <Metrics
              metrics={OF_A_VIDEO}
              range={range}
              video={video._id}
              chosen={metric}
              onChoose={setMetric}
            />
            <Retention video={video} range={range} />
          </div>
          <div className={classes.column}>
            <Now live={live} isOneVideo />
            <Breakdown range={range} video={video._id} />
            <Quality video={video._id} range={range} />
          </div>
        </div>
      </div>
    </Page>
  );
}

function Found() {
  const { id = "" } = useParams();
  const me = useMe();
  const { data, error, refetch } = useQuery(videoQuery(id));
  if (isNotFound(error) || (data && data.owner._id !== me?._id)) return <NotFoundPage />;
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return data ? <Analytics key={id} video={data} /> : <Bone height={400} />;
}

export default function AnalyticsPage() {
  return (
    <RequireSignIn>
      <Found />
    </RequireSignIn>
  );
}
