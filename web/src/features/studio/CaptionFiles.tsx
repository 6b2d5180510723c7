import { ActionIcon, Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Trash2, Upload } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, sendForm, unwrap } from "@/api/client";
import type { Caption, Video } from "@/api/types";
import classes from "./VideoPage.module.css";

/** Subtitles: one file for each language. */
export function CaptionFiles({ video }: { video: Video }) {
  const { t } = useTranslation("studio");
  const queries = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const [language, setLanguage] = useState("en");
  const renew = () => queries.invalidateQueries({ queryKey: ["video", video._id] });
  const add = useMutation({
    mutationFn: (file: File) => {
      const form = new FormData();
      const tag = language.trim();
      let label = tag;
      try {
        label = new Intl.DisplayNames([tag], { type: "language" }).of(tag) ?? tag;
      } catch {
        // The server says what is wrong with it.
      }
      form.set("label", label);
      form.set("captions", file);
      return sendForm<Caption>(
        "PUT",
        `/api/v1/videos/${video._id}/captions/${encodeURIComponent(tag)}`,
        form,
      );
    },
    onSuccess: renew,
  });
  const remove = useMutation({
    mutationFn: (lang: string) =>
      unwrap(
        api.DELETE("/api/v1/videos/{id}/captions/{lang}", { params: { path: { id: video._id, lang } } }),
      ),
    onSuccess: renew,
  });
  return (
    <section>
      <h2>{t("captions.title")}</h2>
      <ul className={classes.tracks}>
        {video.captions.map((one) => (
          <li key={one.language}>
            <span>
              {one.label} <span className="soft">{one.language}</span>
            </span>
            <ActionIcon
              variant="subtle"
              color="gray"
              radius="xl"
              aria-label={t("captions.remove", { label: one.label })}
              onClick={() => remove.mutate(one.language)}
            >
              <Trash2 size={18} />
            </ActionIcon>
          </li>
        ))}
      </ul>
      {video.captions.length === 0 && <p className="soft">{t("captions.none")}</p>}
      <div className={classes.line}>
        <TextInput
          label={t("captions.language")}
          value={language}
          maxLength={35}
          onChange={(event) => setLanguage(event.currentTarget.value)}
        />
        <Button
          variant="default"
          leftSection={<Upload size={16} />}
          loading={add.isPending}
          disabled={!language.trim()}
          onClick={() => input.current?.click()}
        >
          {t("captions.add")}
        </Button>
      </div>
      <input
        ref={input}
        type="file"
        accept=".vtt,.srt,text/vtt"
        hidden
        aria-label={t("captions.add")}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file) add.mutate(file);
          event.currentTarget.value = "";
        }}
      />
    </section>
  );
}
