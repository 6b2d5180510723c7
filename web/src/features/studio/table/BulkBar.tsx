import { ActionIcon, Button, Menu } from "@mantine/core";
import { ChevronDown, Globe, Link2, ListPlus, Lock, Trash2, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import classes from "./Table.module.css";

const VISIBILITIES = [
  ["public", Globe],
  ["unlisted", Link2],
  ["private", Lock],
] as const;

interface Props {
  count: number;
  onVisibility: (to: "public" | "unlisted" | "private") => void;
  onAdd: () => void;
  onRemove: () => void;
  onClear: () => void;
}

/** What can be done with the videos that are selected. */
export function BulkBar({ count, onVisibility, onAdd, onRemove, onClear }: Props) {
  const { t } = useTranslation(["studio", "moderation", "common"]);
  return (
    <section className={classes.bar} aria-label={t("bulk.bar")}>
      <span role="status">{t("moderation:held.selected", { count })}</span>
      <Menu keepMounted={false}>
        <Menu.Target>
          <Button size="sm" variant="default" rightSection={<ChevronDown size={16} />}>
            {t("table.visibility")}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {VISIBILITIES.map(([name, Icon]) => (
            <Menu.Item key={name} leftSection={<Icon size={18} />} onClick={() => onVisibility(name)}>
              {t(`common:video.visibility.${name}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Button size="sm" variant="default" aria-label={t("bulk.toList")} onClick={onAdd}>
        <ListPlus size={16} aria-hidden />
        <span className={classes.long}>{t("bulk.toList")}</span>
      </Button>
      <Button size="sm" variant="default" aria-label={t("edit.delete")} onClick={onRemove}>
        <Trash2 size={16} aria-hidden />
        <span className={classes.long}>{t("edit.delete")}</span>
      </Button>
      <ActionIcon
        variant="subtle"
        color="gray"
        radius="xl"
        size="lg"
        className={classes.end ?? ""}
        aria-label={t("moderation:clear")}
        onClick={onClear}
      >
        <X size={18} />
      </ActionIcon>
    </section>
  );
}
