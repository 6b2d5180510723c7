import { useDeferredValue } from "react";
import { useTranslation } from "react-i18next";
import { chaptersIn } from "@/lib/chapters";
import { clock } from "@/lib/format";
import classes from "./ChapterPreview.module.css";

interface Props {
  description: string;
  /** Seconds, where it is known. */
  duration?: number;
}

/** What the bar of the player will show of a description, or why it will not. */
export function ChapterPreview({ description, duration }: Props) {
  const { t } = useTranslation("upload");
  const { chapters, fault } = chaptersIn(useDeferredValue(description), duration);
  if (chapters.length === 0) return null;
  if (fault) {
    // One time alone is seldom meant as a chapter.
    return fault === "few" && chapters.length === 1 ? null : (
      <p className={classes.fault}>{t(`chapters.${fault}`)}</p>
    );
  }
  return (
    <details className={classes.chapters}>
      <summary>{t("chapters.title", { count: chapters.length })}</summary>
      <ol>
        {chapters.map((one) => (
          <li key={one.start}>
            <span className={classes.time}>{clock(one.start)}</span> {one.title}
          </li>
        ))}
      </ol>
    </details>
  );
}
