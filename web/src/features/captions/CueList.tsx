import { Button, TextInput } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { MessageSquareText, Plus, Search } from "lucide-react";
import { type Dispatch, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/ui/States";
import classes from "./Captions.module.css";
import { CueRow } from "./CueRow";
import { cueAt, type Edit, type State } from "./edits";

const ROW = 148;

interface Props {
  state: State;
  dispatch: Dispatch<Edit>;
  /** Where the video is. */
  time: number;
  duration: number;
  onSeek: (to: number) => void;
}

/** All cues, of which only those in sight are in the page: a film has two thousand. */
export function CueList({ state, dispatch, time, duration, onSeek }: Props) {
  const { t } = useTranslation("captions");
  const box = useRef<HTMLDivElement>(null);
  const [wanted, setWanted] = useState("");
  const { cues, chosen } = state;
  const shown = useMemo(() => {
    const words = wanted.trim().toLocaleLowerCase();
    return words ? cues.filter((cue) => cue.text.toLocaleLowerCase().includes(words)) : cues;
  }, [cues, wanted]);
  const current = cueAt(cues, time)?.key;
  const rows = useVirtualizer({
    count: shown.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    getItemKey: (index) => shown[index]?.key ?? index,
    overscan: 4,
  });

  // What is worked on comes into sight.
  const place = shown.findIndex((cue) => cue.key === chosen);
  const scroll = useRef(rows.scrollToIndex);
  scroll.current = rows.scrollToIndex;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when another one is chosen
  useEffect(() => {
    if (place >= 0) scroll.current(place, { align: "auto" });
  }, [chosen]);

  const add = (
    <Button
      leftSection={<Plus size={16} />}
      variant="light"
      onClick={() => dispatch({ do: "add", at: time, duration })}
    >
      {t("add")}
    </Button>
  );
  if (cues.length === 0)
    return (
      <EmptyState icon={MessageSquareText} title={t("none")} text={t("noneText")}>
        {add}
      </EmptyState>
    );
  return (
    <section className={classes.cues} aria-label={t("cues")}>
      <div className={classes.above}>
        <TextInput
          aria-label={t("find")}
          placeholder={t("find")}
          leftSection={<Search size={16} />}
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
        />
        <span className="soft" role="status">
          {t("count", { count: shown.length })}
        </span>
        {add}
      </div>
      <div ref={box} className={classes.scroller}>
        <ol style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((row) => {
            const cue = shown[row.index];
            if (!cue) return null;
            const index = cues.indexOf(cue);
            return (
              <li
                key={row.key}
                ref={rows.measureElement}
                data-index={row.index}
                aria-posinset={row.index + 1}
                aria-setsize={shown.length}
                style={{ transform: `translateY(${row.start}px)` }}
              >
                <CueRow
                  cue={cue}
                  number={index + 1}
                  next={cues[index + 1]}
                  duration={duration}
                  isChosen={cue.key === chosen}
                  isCurrent={cue.key === current}
                  time={time}
                  dispatch={dispatch}
                  onSeek={onSeek}
                />
              </li>
            );
          })}
        </ol>
      </div>
    </section>
  );
}
