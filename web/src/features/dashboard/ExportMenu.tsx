import { Button } from "@mantine/core";
import { Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import classes from "./Dashboard.module.css";
import { exportAddress } from "./queries";
import type { Range } from "./range";

/** The numbers of the range as a file, for a spreadsheet or a program. */
export function ExportMenu({ range, video }: { range: Range; video?: string }) {
  const { t } = useTranslation("dashboard");
  return (
    <span className={classes.exports}>
      {(["csv", "json"] as const).map((format) => (
        <Button
          key={format}
          component="a"
          href={exportAddress(format, range, video)}
          download
          variant="default"
          aria-label={t("exportAs", { format: format.toUpperCase() })}
          leftSection={<Download size={16} />}
        >
          {t("export", { format: format.toUpperCase() })}
        </Button>
      ))}
    </span>
  );
}
