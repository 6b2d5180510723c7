import { Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { Bone } from "@/ui/Skeletons";
import { ErrorState } from "@/ui/States";
import classes from "./DownloadDialog.module.css";
import { playbackQuery } from "./queries";

/** Every quality of a video as a file to keep, and the original where whoever asks may have it. */
export default function DownloadDialog({ video, onClose }: { video: string; onClose: () => void }) {
  const { t } = useTranslation(["watch", "common"]);
  const format = useFormat();
  // What plays keeps the addresses that it began with, whatever is asked for here.
  const { data, error, refetch } = useQuery(playbackQuery(video));
  const files = [...(data?.renditions ?? [])]
    .sort((a, b) => b.height - a.height)
    .map(({ name, height, size, download }) => ({
      name: height > 0 ? name : t("downloads.sound"),
      size: format.bytes(size),
      address: download,
    }));
  if (data?.original) files.push({ name: t("downloads.original"), size: "", address: data.original });
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("downloads.title")}
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      {!data && !error && <Bone width="100%" height={120} />}
      {!data && error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data && files.length === 0 && <p>{t("downloads.none")}</p>}
      {files.length > 0 && (
        <>
          <p className="soft">{t("downloads.text")}</p>
          <ul className={classes.files}>
            {files.map((file) => (
              <li key={file.address}>
                <a href={file.address} download>
                  <Download size={18} aria-hidden />
                  <span>{file.name}</span>
                  <span className="soft">{file.size}</span>
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
    </Modal>
  );
}
