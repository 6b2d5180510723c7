import { ActionIcon, Button } from "@mantine/core";
import { X } from "lucide-react";
import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { type Bulk, bulks, forget } from "./bulk";
import classes from "./Table.module.css";

function One({ bulk }: { bulk: Bulk }) {
  const { t } = useTranslation(["studio", "common"]);
  const words = t(`bulk.${bulk.kind}`, { done: bulk.done, total: bulk.total });
  return (
    <section className={classes.bulk} aria-label={t("bulk.title")}>
      {!bulk.isOver && (
        <>
          <p role="status">{words}</p>
          <progress value={bulk.done} max={bulk.total} aria-label={words} />
        </>
      )}
      {bulk.failed.length > 0 && (
        <div role="alert">
          <p className={classes.bulkHead}>
            <strong>{t("bulk.failed", { count: bulk.failed.length, total: bulk.total })}</strong>
            {bulk.isOver && (
              <>
                <Button size="compact-sm" variant="light" onClick={bulk.again}>
                  {t("common:retry")}
                </Button>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  radius="xl"
                  aria-label={t("common:close")}
                  onClick={() => forget(bulk.id)}
                >
                  <X size={16} />
                </ActionIcon>
              </>
            )}
          </p>
          <ul>
            {bulk.failed.map((one) => (
              <li key={one._id}>
                {one.title}: {one.message}
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

/** How far work on many videos is, and what did not go. */
export function BulkStatus() {
  return useSyncExternalStore(bulks.subscribe, bulks.list).map((bulk) => <One key={bulk.id} bulk={bulk} />);
}
