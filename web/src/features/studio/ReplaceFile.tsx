import { Button } from "@mantine/core";
import { FileUp } from "lucide-react";
import { useRef, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import type { Video } from "@/api/types";
import { UploadCard } from "@/features/upload/UploadCard";
import { add, uploads } from "@/features/upload/uploads";

/** Another file for the same video, which keeps its address, views and comments. */
export function ReplaceFile({ video }: { video: Video }) {
  const { t } = useTranslation("studio");
  const input = useRef<HTMLInputElement>(null);
  const all = useSyncExternalStore(uploads.subscribe, uploads.list);
  const own = all.filter((item) => item.replaces === video._id);
  return (
    <section>
      <h2>{t("replace.title")}</h2>
      <p className="soft">{t("replace.text")}</p>
      {own.map((item) => (
        <UploadCard key={item.id} item={item} />
      ))}
      {own.every((item) => item.state === "uploaded" || item.state === "failed") && (
        <Button
          mt="xs"
          variant="default"
          leftSection={<FileUp size={16} />}
          onClick={() => input.current?.click()}
        >
          {t("replace.choose")}
        </Button>
      )}
      <input
        ref={input}
        type="file"
        accept="video/*,audio/*,.mkv"
        hidden
        aria-label={t("replace.choose")}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file) add(file, { replaces: video._id });
          event.currentTarget.value = "";
        }}
      />
    </section>
  );
}
