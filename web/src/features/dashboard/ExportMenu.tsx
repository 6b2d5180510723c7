// The numbers of the range as a file, for a spreadsheet or a program.
import { Button, Menu } from "@mantine/core";
import { Download } from "lucide-react";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { keepFresh } from "@/api/refresh";
import { type ExportPer, exportAddress } from "./queries";
import type { Scope } from "./range";

const FORMATS = ["csv", "json"] as const;

/** The browser fetches it by itself, with the cookies that it has: those have to be good. */
async function download(address: string): Promise<void> {
  await keepFresh();
  const link = document.createElement("a");
  link.href = address;
  link.download = "";
  link.click();
}

export function ExportMenu({ scope }: { scope: Scope }) {
  const { t } = useTranslation("dashboard");
  const kinds: ExportPer[] = scope.video === undefined ? ["videos", "total", "channel"] : ["video"];
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<Download size={16} />}>
          {t("export.title")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {kinds.map((per) => (
          <Fragment key={per}>
            <Menu.Label>{t(`export.${per}`)}</Menu.Label>
            {FORMATS.map((format) => (
              <Menu.Item
                key={format}
                aria-label={t("export.as", { what: t(`export.${per}`), format: format.toUpperCase() })}
                onClick={() => void download(exportAddress(format, per, scope))}
              >
                {format.toUpperCase()}
              </Menu.Item>
            ))}
          </Fragment>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
