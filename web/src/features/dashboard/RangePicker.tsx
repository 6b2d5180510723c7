// Which time a dashboard shows: one of a few, or an own one between two days.
import { Button } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Choices } from "@/ui/Choices";
import classes from "./Dashboard.module.css";
import { dayOf, PRESETS, type Preset, type Range, shifted } from "./range";

const OWN = "own";

export function RangePicker({ range, onChange }: { range: Range; onChange: (range: Range) => void }) {
  const { t } = useTranslation("dashboard");
  const today = dayOf(new Date());
  const isOwn = !("preset" in range);
  const [isOpen, setIsOpen] = useState(false);
  const isShown = isOwn || isOpen;
  const options: { value: Preset | typeof OWN; label: string }[] = [
    ...PRESETS.map((value) => ({ value, label: t(`range.${value}`) })),
    { value: OWN, label: t("range.own") },
  ];
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [from, to] = [String(form.get("from")), String(form.get("to"))].toSorted();
    if (from && to) onChange({ from, to });
  };
  return (
    <div className={classes.range}>
      <Choices
        label={t("range.label")}
        value={isShown ? OWN : range.preset}
        options={options}
        onChange={(chosen) => {
          setIsOpen(chosen === OWN);
          if (chosen !== OWN) onChange({ preset: chosen });
        }}
      />
      {isShown && (
        <form className={classes.own} onSubmit={submit}>
          <label>
            {t("range.from")}
            <input
              type="date"
              name="from"
              required
              max={today}
              defaultValue={isOwn ? range.from : shifted(today, -27)}
            />
          </label>
          <label>
            {t("range.to")}
            <input type="date" name="to" required max={today} defaultValue={isOwn ? range.to : today} />
          </label>
          <Button type="submit" size="compact-md" variant="light">
            {t("range.show")}
          </Button>
        </form>
      )}
    </div>
  );
}
