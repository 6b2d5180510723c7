import { Button, NativeSelect } from "@mantine/core";
import { X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { countOf, type Filter, LENGTHS, NO_FILTER, SORTS, WITHIN } from "./filter";
import classes from "./SearchPage.module.css";

/** Age, length and order of the videos that were found. */
export function Filters({ filter, onChange }: { filter: Filter; onChange: (filter: Filter) => void }) {
  const { t } = useTranslation("search");
  const count = countOf(filter);
  return (
    <fieldset className={classes.filters}>
      <legend className="unseen">{t("filters.title")}</legend>
      <NativeSelect
        label={t("filters.within")}
        value={filter.within ?? ""}
        data={[
          { value: "", label: t("filters.any") },
          ...WITHIN.map((value) => ({ value, label: t(`filters.withins.${value}`) })),
        ]}
        onChange={(event) => {
          const chosen = event.currentTarget.value;
          onChange({ ...filter, within: WITHIN.find((one) => one === chosen) ?? null });
        }}
      />
      <NativeSelect
        label={t("filters.length")}
        value={filter.length ?? ""}
        data={[
          { value: "", label: t("filters.any") },
          ...LENGTHS.map((value) => ({ value, label: t(`filters.lengths.${value}`) })),
        ]}
        onChange={(event) => {
          const chosen = event.currentTarget.value;
          onChange({ ...filter, length: LENGTHS.find((one) => one === chosen) ?? null });
        }}
      />
      <NativeSelect
        label={t("order")}
        value={filter.sort}
        data={SORTS.map((value) => ({ value, label: t(`sorts.${value}`) }))}
        onChange={(event) => {
          const chosen = event.currentTarget.value;
          onChange({ ...filter, sort: SORTS.find((one) => one === chosen) ?? "relevance" });
        }}
      />
      {count > 0 && (
        <Button
          variant="subtle"
          color="gray"
          leftSection={<X size={16} />}
          onClick={() => onChange(NO_FILTER)}
        >
          {t("filters.clear", { count })}
        </Button>
      )}
    </fieldset>
  );
}
