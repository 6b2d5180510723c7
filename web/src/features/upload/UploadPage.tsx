// Bringing videos: files dropped or chosen, each with its progress and its details.
import { Button } from "@mantine/core";
import { UploadCloud } from "lucide-react";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { instance } from "@/app/instance";
import { useFormat } from "@/lib/format";
import { RequireSignIn } from "@/session/RequireSignIn";
import { Page } from "@/ui/Page";
import { toast } from "@/ui/toasts";
import { Unfinished } from "./Unfinished";
import { UploadCard } from "./UploadCard";
import classes from "./UploadPage.module.css";
import { add, uploads } from "./uploads";

function Uploads() {
  const { t } = useTranslation("upload");
  const format = useFormat();
  const all = useSyncExternalStore(uploads.subscribe, uploads.list);
  const items = all.filter((item) => item.replaces === null);
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
        add(file);
      }
    }
  };
  // Files may be dropped anywhere on the page.
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setIsOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setIsOver(false);
    };
    const drop = (event: DragEvent) => {
      event.preventDefault();
      setIsOver(false);
      latest.current(event.dataTransfer?.files ?? null);
    };
    window.addEventListener("dragover", over);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragover", over);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
    };
  }, []);

  return (
    <Page title={t("title")} width="text">
      <section
        className={classes.drop}
        aria-label={t("drop")}
        data-over={isOver || undefined}
        data-small={items.length > 0 || undefined}
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
      <Unfinished underWay={items.map((item) => item.name)} onFile={(file) => add(file)} />
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
