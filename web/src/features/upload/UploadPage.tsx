// Bringing videos: files dropped or chosen, each with its progress and its details.
import { Button } from "@mantine/core";
import { UploadCloud } from "lucide-react";
import { type DragEvent, useRef, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { instance } from "@/app/instance";
import { useFormat } from "@/lib/format";
import { RequireSignIn } from "@/session/RequireSignIn";
import { Page } from "@/ui/Page";
import { toast } from "@/ui/toasts";
import { UploadCard } from "./UploadCard";
import classes from "./UploadPage.module.css";
import { add, uploads } from "./uploads";

function Uploads() {
  const { t } = useTranslation("upload");
  const format = useFormat();
  const items = useSyncExternalStore(uploads.subscribe, uploads.list);
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setIsOver] = useState(false);

  const take = (files: FileList | null) => {
    for (const file of files ?? []) {
      if (file.size > instance.maxUploadBytes) {
        toast({
          tone: "bad",
          text: t("tooLarge", { name: file.name, most: format.bytes(instance.maxUploadBytes) }),
        });
      } else {
        void add(file);
      }
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    take(event.dataTransfer.files);
  };

  return (
    <Page title={t("title")} width="text">
      <section
        className={classes.drop}
        aria-label={t("drop")}
        data-over={isOver || undefined}
        data-small={items.length > 0 || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setIsOver(true);
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={drop}
      >
        <UploadCloud size={items.length > 0 ? 28 : 48} strokeWidth={1.4} aria-hidden />
        <p>{t("drop")}</p>
        <p className="soft">{t("hint")}</p>
        <Button onClick={() => input.current?.click()}>{t("choose")}</Button>
        <input
          ref={input}
          type="file"
          accept="video/*,audio/*,.mkv"
          multiple
          hidden
          aria-label={t("choose")}
          onChange={(event) => {
            take(event.currentTarget.files);
            event.currentTarget.value = "";
          }}
        />
      </section>
      {items.map((item) => (
        <UploadCard key={item.id} item={item} />
      ))}
    </Page>
  );
}

export default function UploadPage() {
  return (
    <RequireSignIn>
      <Uploads />
    </RequireSignIn>
  );
}
