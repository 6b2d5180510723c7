// Uploads that this browser began and did not finish: the same file goes on where it stopped.
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { FolderOpen, Trash2 } from "lucide-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import classes from "./UploadPage.module.css";
import { giveUpUnfinished, type Left, unfinishedQuery } from "./unfinished";

interface Props {
  /** Names of files that are being uploaded: those are not left over. */
  underWay: string[];
  onFile: (file: File) => void;
}

export function Unfinished({ underWay, onFile }: Props) {
  const { t } = useTranslation("upload");
  const { data = [] } = useQuery(unfinishedQuery);
  const left = data.filter((one) => !underWay.includes(one.name));
  if (left.length === 0) return null;
  return (
    <section className={classes.card} aria-labelledby="unfinished">
      <h2 id="unfinished">{t("unfinished.title")}</h2>
      <p className="soft">{t("unfinished.text")}</p>
      <ul className={classes.left}>
        {left.map((one) => (
          <Row key={one.key} one={one} onFile={onFile} />
        ))}
      </ul>
    </section>
  );
}

function Row({ one, onFile }: { one: Left; onFile: (file: File) => void }) {
  const { t } = useTranslation("upload");
  const format = useFormat();
  const queries = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  return (
    <li>
      <span className={classes.leftName}>
        <strong>{one.name}</strong>
        <span className="soft">
          {t("sent", { sent: format.bytes(one.sent), of: format.bytes(one.size) })} · {format.ago(one.begun)}
        </span>
      </span>
      <Button
        size="sm"
        variant="light"
        leftSection={<FolderOpen size={16} />}
        aria-label={t("unfinished.chooseThis", { name: one.name })}
        onClick={() => input.current?.click()}
      >
        {t("unfinished.choose")}
      </Button>
      <Button
        size="sm"
        variant="default"
        leftSection={<Trash2 size={16} />}
        aria-label={t("unfinished.giveUpThis", { name: one.name })}
        onClick={() =>
          void giveUpUnfinished(one).then(() =>
            queries.invalidateQueries({ queryKey: unfinishedQuery.queryKey }),
          )
        }
      >
        {t("unfinished.giveUp")}
      </Button>
      <input
        ref={input}
        type="file"
        accept="video/*,audio/*,.mkv"
        hidden
        aria-label={t("unfinished.chooseThis", { name: one.name })}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file) onFile(file);
          event.currentTarget.value = "";
        }}
      />
    </li>
  );
}
