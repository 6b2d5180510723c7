import { ActionIcon, Textarea } from "@mantine/core";
import { Combine, Play, SplitSquareVertical, Timer, Trash2, TriangleAlert } from "lucide-react";
import { type Dispatch, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./Captions.module.css";
import { type Edit, warnings } from "./edits";
import { type Cue, formatTime, parseTime } from "./vtt";

interface Props {
  cue: Cue;
  number: number;
  next: Cue | undefined;
  duration: number;
  isChosen: boolean;
  isCurrent: boolean;
  time: number;
  dispatch: Dispatch<Edit>;
  onSeek: (to: number) => void;
}

/** One cue: its words, its times, and what can be done with it. */
export function CueRow({ cue, number, next, duration, isChosen, isCurrent, time, dispatch, onSeek }: Props) {
  const { t } = useTranslation("captions");
  const words = useRef<HTMLTextAreaElement>(null);
  const doubts = warnings(cue, next, duration);
  const { key } = cue;
  // A cue that was just added waits for its words.
  useEffect(() => {
    if (isChosen && document.activeElement === document.body) words.current?.focus({ preventScroll: true });
  }, [isChosen]);
  const tool = (label: string, icon: React.ReactNode, run: () => void) => (
    <ActionIcon variant="subtle" color="gray" radius="xl" aria-label={label} title={label} onClick={run}>
      {icon}
    </ActionIcon>
  );
  return (
    <article
      className={classes.cue}
      aria-label={t("cue", { number })}
      data-chosen={isChosen || undefined}
      data-current={isCurrent || undefined}
      onFocus={() => !isChosen && dispatch({ do: "choose", key })}
    >
      <Textarea
        ref={words}
        aria-label={t("words", { number })}
        value={cue.text}
        rows={2}
        onChange={(event) => dispatch({ do: "write", key, text: event.currentTarget.value })}
      />
      <div className={classes.times}>
        <Time
          label={t("start", { number })}
          now={t("startNow", { number })}
          value={cue.start}
          onChange={(start) => dispatch({ do: "time", key, start })}
          onNow={() => dispatch({ do: "time", key, start: time })}
        />
        <Time
          label={t("end", { number })}
          now={t("endNow", { number })}
          value={cue.end}
          onChange={(end) => dispatch({ do: "time", key, end })}
          onNow={() => dispatch({ do: "time", key, end: time })}
        />
        <span className={classes.actions}>
          {tool(t("play", { number }), <Play size={16} />, () => onSeek(cue.start))}
          {tool(t("split", { number }), <SplitSquareVertical size={16} />, () =>
            dispatch({ do: "split", key, at: time }),
          )}
          {next && tool(t("join", { number }), <Combine size={16} />, () => dispatch({ do: "join", key }))}
          {tool(t("remove", { number }), <Trash2 size={16} />, () => dispatch({ do: "remove", key }))}
        </span>
      </div>
      {doubts.length > 0 && (
        <p className={classes.doubts}>
          <TriangleAlert size={14} aria-hidden /> {doubts.map((one) => t(`doubts.${one}`)).join(" ")}
        </p>
      )}
    </article>
  );
}

interface TimeProps {
  label: string;
  now: string;
  value: number;
  onChange: (seconds: number) => void;
  onNow: () => void;
}

const NUDGE_S = 0.1;

/** A time that is typed, nudged by arrows, or taken from the video. */
function Time({ label, now, value, onChange, onNow }: TimeProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const isWrong = typed !== null && parseTime(typed) === null;
  const commit = () => {
    const seconds = typed === null ? null : parseTime(typed);
    setTyped(null);
    if (seconds !== null && seconds !== value) onChange(seconds);
  };
  return (
    <span className={classes.time}>
      <input
        aria-label={label}
        aria-invalid={isWrong || undefined}
        inputMode="numeric"
        value={typed ?? formatTime(value)}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === "Enter") commit();
          if (event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
          event.preventDefault();
          setTyped(null);
          onChange(value + (event.key === "ArrowUp" ? NUDGE_S : -NUDGE_S));
        }}
      />
      <ActionIcon variant="subtle" color="gray" radius="xl" aria-label={now} title={now} onClick={onNow}>
        <Timer size={16} />
      </ActionIcon>
    </span>
  );
}
