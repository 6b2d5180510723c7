// How far people watch: the means, the curve over the video, what stands out in it, and all of it in a table.
import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Video } from "@/api/types";
import { clock } from "@/lib/format";
import { Bone } from "@/ui/Skeletons";
import { ErrorState } from "@/ui/States";
import shared from "../Dashboard.module.css";
import { DataTable } from "../DataTable";
import { useFigures } from "../figures";
import { type RetentionPoint, retentionQuery } from "../queries";
import type { Scope } from "../range";
import { keyMoments } from "./curve";
import classes from "./Retention.module.css";
import { Stage, type StageHandle } from "./Stage";

export function Retention({ video, scope }: { video: Video; scope: Scope }) {
  const { t } = useTranslation("dashboard");
  const figures = useFigures();
  const stage = useRef<StageHandle>(null);
  const { data, error, refetch } = useQuery(retentionQuery(video._id, scope));
  const means = data && [
    ["sessions", t("retention.sessions"), figures.count(data.sessions)],
    [
      "duration",
      t("retention.duration"),
      data.averageViewDuration == null ? "–" : clock(data.averageViewDuration),
    ],
    [
      "percentage",
      t("retention.percentage"),
      data.averagePercentageViewed == null ? "–" : figures.share(data.averagePercentageViewed / 100),
    ],
  ];
  return (
    <section className={shared.panel} aria-labelledby="retention">
      <h2 id="retention" className={shared.heading}>
        {t("retention.title")}
      </h2>
      {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Bone height={480} />}
      {data && means && (
        <>
          <dl className={shared.pairs}>
            {means.map(([figure, name, value]) => (
              <div key={figure}>
                <dt>{name}</dt>
                <dd data-figure={figure}>{value}</dd>
              </div>
            ))}
          </dl>
          <Stage ref={stage} video={video} points={data.points} hasData={data.sessions > 0} />
          {data.sessions === 0 ? (
            <p className="soft">{t("retention.none")}</p>
          ) : (
            <>
              <Moments
                points={data.points}
                duration={video.duration}
                onGo={(place) => stage.current?.show(place)}
              />
              <DataTable
                name={t("retention.title")}
                head={[t("retention.place"), t("retention.seen")]}
                rows={() =>
                  data.points.map((one) => ({
                    key: String(one.position),
                    cells: [clock(one.position * video.duration), figures.share(one.watching)],
                  }))
                }
              />
            </>
          )}
        </>
      )}
    </section>
  );
}

interface MomentsProps {
  points: RetentionPoint[];
  duration: number;
  onGo: (place: number) => void;
}

/** What stands out, each as a way to its place. */
function Moments({ points, duration, onGo }: MomentsProps) {
  const { t } = useTranslation("dashboard");
  const figures = useFigures();
  return (
    <>
      <h3 className={shared.sub}>{t("retention.moments")}</h3>
      <ul className={classes.moments}>
        {keyMoments(points, duration).map(({ kind, position, share }) => (
          <li key={kind}>
            <button type="button" onClick={() => onGo(position)}>
              <strong>{clock(position * duration)}</strong>
              <span>{t(`retention.${kind}`, { share: figures.share(share) })}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
