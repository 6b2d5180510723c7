import { useQuery } from "@tanstack/react-query";
import { HardDrive } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { storageQuery } from "@/features/account/Storage";
import { useFormat } from "@/lib/format";
import classes from "./Table.module.css";

/** How much room one's videos take, and a way to where it is told in detail. */
export function Storage() {
  const { t } = useTranslation("account");
  const format = useFormat();
  const { data } = useQuery(storageQuery);
  if (!data) return null;
  const used = format.bytes(data.usedBytes);
  const words = data.quotaBytes
    ? t("storage.of", { used, of: format.bytes(data.quotaBytes) })
    : t("storage.used", { used });
  return (
    <Link to="/account/storage" className={classes.storage}>
      <HardDrive size={16} aria-hidden />
      <span>{words}</span>
      {data.quotaBytes ? <progress value={data.usedBytes} max={data.quotaBytes} aria-label={words} /> : null}
    </Link>
  );
}
