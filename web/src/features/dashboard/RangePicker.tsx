// Which time a dashboard shows: one of a few, or an own one between two days; and whether beside the time before.
import { Button, Switch } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Choices } from "@/ui/Choices";
import classes from "./Dashboard.module.css";
import { dayOf, PRESETS, type Preset, type Range, type Scope, shifted } from "./range";

const OWN = "own";

interface Props {
  scope: Scope;
  onRange: (range: Range) => void;
  onCompared: (isCompared: boolean) => void;
}

export function RangePicker({ scope: { range, isCompared }, onRange, onCompared }: Props) {
  const { t } = useTranslation("dashboard");
  const isOwn = !("preset" in range);
  const [isOpen, setIsOpen] = useState(false);
  const isShown = isOwn || isOpen;
  const options: { value: Preset | typeof OWN; label: string }[] = [
    ...PRESETS.map((value) => ({ value, label: t(`range.${value}`) })),
    { value: OWN, label: t("range.own") },
  ];
  return (
    <div className={classes.range}>
      <Choices
        label={t("range.label")}
        value={isShown ? OWN : range.preset}
        options={options}
        onChange={(chosen) => {
          setIsOpen(chosen === OWN);
          if (chosen !== OWN) onRange({ preset: chosen });
        }}
      />
      <div className={classes.more}>
        {isShown && (
          <OwnRange key={isOwn ? `${range.from}${range.to}` : ""} range={range} onRange={onRange} />
        )}
        <Switch
          label={t("range.compare")}
          checked={isCompared}
          onChange={(event) => onCompared(event.currentTarget.checked)}
        />
      </div>
    </div>
  );
}

function OwnRange({ range, onRange }: Pick<Props, "onRange"> & { range: Range }) {
  const { t } = useTranslation("dashboard");
  const today = dayOf(new Date());
  const shown = "preset" in range ? { from: shifted(today, -27), to: today } : range;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    // In whichever order they were given.
    const [from, to] = [String(form.get("from")), String(form.get("to"))].toSorted();
    if (from && to) onRange({ from, to });
  };
  return (
    <form className={classes.own} onSubmit={submit}>
      <label>
        {t("range.from")}
        <input type="date" name="from" required max={today} defaultValue={shown.from} />
      </label>
      <label>
        {t("range.to")}
        <input type="date" name="to" required max={today} defaultValue={shown.to} />
      </label>
      <Button type="submit" variant="light">
        {t("range.show")}
      </Button>
    </form>
  );
}
