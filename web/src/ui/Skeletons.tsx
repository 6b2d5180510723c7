// What stands in the place of things that are loading: of the same sizes, so that nothing jumps when they come.
import { useTranslation } from "react-i18next";
import classes from "./Skeletons.module.css";

function Told() {
  const { t } = useTranslation();
  return (
    <span className="unseen" role="status">
      {t("loading")}
    </span>
  );
}

export function Bone({
  width,
  height,
  round,
}: {
  width?: string | number;
  height: string | number;
  round?: boolean;
}) {
  return (
    <span
      className={classes.bone}
      data-round={round || undefined}
      style={{ width: width ?? "100%", height }}
      aria-hidden
    />
  );
}

export function CardsSkeleton({ cardWidth = 260, rows = 3 }: { cardWidth?: number; rows?: number }) {
  return (
    <div
      className={classes.cards}
      style={{ gridTemplateColumns: `repeat(auto-fill, minmax(min(${cardWidth}px, 100%), 1fr))` }}
    >
      <Told />
      {Array.from({ length: rows * 4 }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
        <div key={index}>
          <span className={`${classes.bone} ${classes.picture}`} aria-hidden />
          <div className={classes.below}>
            <Bone width={36} height={36} round />
            <div className={classes.lines}>
              <Bone height={16} width="92%" />
              <Bone height={14} width="55%" />
            </div>
          </div>
        </div>
      ))}
    </div>
  );
}

export function ListSkeleton({ count }: { count: number }) {
  return (
    <div className={classes.list}>
      <Told />
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
        <div key={index} className={classes.below}>
          <Bone width={40} height={40} round />
          <div className={classes.lines}>
            <Bone height={14} width="30%" />
            <Bone height={14} width="80%" />
          </div>
        </div>
      ))}
    </div>
  );
}

export function RowsSkeleton({ count }: { count: number }) {
  return (
    <div className={classes.list}>
      <Told />
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
        <div key={index} className={classes.below}>
          <span className={`${classes.bone} ${classes.small}`} aria-hidden />
          <div className={classes.lines}>
            <Bone height={16} width="85%" />
            <Bone height={14} width="45%" />
          </div>
        </div>
      ))}
    </div>
  );
}
