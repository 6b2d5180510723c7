import { Select, TextInput } from "@mantine/core";
import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useDebounced } from "@/lib/useDebounced";
import { SHOWN, type Shown, SORTS, type Sort, type View } from "./queries";
import { Storage } from "./Storage";
import classes from "./Table.module.css";

const SETTLE_MS = 300;

/** Words to look for, which to show, and, where there is no head of a table, the order. */
export function Tools({ view, onView }: { view: View; onView: (to: Partial<View>) => void }) {
  const { t } = useTranslation(["studio", "common"]);
  const [text, setText] = useState(view.words);
  const settled = useDebounced(text.trim(), SETTLE_MS);
  useEffect(() => {
    if (settled !== view.words) onView({ words: settled });
  }, [settled, view.words, onView]);
  const order = `${view.sort}-${view.isUp ? "up" : "down"}`;
  return (
    <div className={classes.tools}>
      <TextInput
        className={classes.search ?? ""}
        type="search"
        aria-label={t("table.search")}
        placeholder={t("table.search")}
        leftSection={<Search size={16} aria-hidden />}
        maxLength={200}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Select
        className={classes.show ?? ""}
        aria-label={t("table.show")}
        allowDeselect={false}
        value={view.show}
        data={SHOWN.map((value) => ({ value, label: t(`table.shown.${value}`) }))}
        onChange={(show) => onView({ show: (show ?? "all") as Shown })}
      />
      <Select
        className={classes.order ?? ""}
        aria-label={t("table.order")}
        allowDeselect={false}
        value={order}
        data={SORTS.flatMap((sort) =>
          (["down", "up"] as const).map((way) => ({
            value: `${sort}-${way}`,
            label: t(`table.orders.${sort}.${way}`),
          })),
        )}
        onChange={(to) => {
          const [sort = "createdAt", way] = (to ?? "").split("-");
          onView({ sort: sort as Sort, isUp: way === "up" });
        }}
      />
      <Storage />
    </div>
  );
}
