// How one's own channel is doing. Time, number and comparison stand in the address.
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ChartLine, Upload } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useMe } from "@/session/session";
import { EmptyState } from "@/ui/States";
import { Breakdown } from "./Breakdown";
import classes from "./Dashboard.module.css";
import { ExportMenu } from "./ExportMenu";
import { useLive } from "./live";
import { Metrics } from "./Metrics";
import { Now } from "./Now";
import { METRICS, statsQuery } from "./queries";
import { RangePicker } from "./RangePicker";
import { dayOf } from "./range";
import { TopVideos } from "./TopVideos";
import { useChosen } from "./useChosen";
import { Whole } from "./Whole";

export default function Dashboard() {
  const me = useMe();
  const since = dayOf(me ? new Date(me.createdAt) : new Date());
  const { scope, metric, setRange, setMetric, setIsCompared } = useChosen(METRICS, since);
  const isLive = useLive(undefined);
  const { data: stats } = useQuery(statsQuery(undefined));
  if (stats?.totalVideos === 0) return <NoVideos />;
  return (
    <div className={classes.page}>
      <div className={classes.head}>
        <RangePicker scope={scope} onRange={setRange} onCompared={setIsCompared} />
        <ExportMenu scope={scope} />
      </div>
      <div className={classes.columns}>
        <div className={classes.column}>
          <Metrics metrics={METRICS} scope={scope} chosen={metric} onChoose={setMetric} />
          <TopVideos scope={scope} metric={metric} />
        </div>
        <div className={classes.column}>
          <Now isLive={isLive} />
          <Whole />
          <Breakdown scope={scope} metric={metric} />
        </div>
      </div>
    </div>
  );
}

function NoVideos() {
  const { t } = useTranslation("dashboard");
  return (
    <EmptyState icon={ChartLine} title={t("empty.title")} text={t("empty.text")}>
      <Button component={Link} to="/upload" leftSection={<Upload size={16} />}>
        {t("empty.upload")}
      </Button>
    </EmptyState>
  );
}
