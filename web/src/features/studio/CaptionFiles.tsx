import { ActionIcon, Button, NativeSelect, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Pencil, Trash2, Upload } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { api, sendForm, unwrap } from "@/api/client";
import type { Caption, Video } from "@/api/types";
import { isTag, languages, ownName } from "@/features/captions/languages";
import classes from "./VideoPage.module.css";

/** No language has this name. */
const OTHER = "-";

/** Subtitles: one file for each language. */
export function CaptionFiles({ video }: { video: Video }) {
  const { t, i18n } = useTranslation("studio");
  const queries = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  const [chosen, setChosen] = useState(i18n.language);
  const [typed, setTyped] = useState("");
  const language = chosen === OTHER ? typed.trim() : chosen;
  const renew = () => queries.invalidateQueries({ queryKey: ["video", video._id] });
  const add = useMutation({
    mutationFn: (file: File) => {
      const form = new FormData();
      const tag = language;
      form.set("label", ownName(tag));
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
            <Link className="link" to={`/studio/videos/${video._id}/captions/${one.language}`}>
              {t("captions.edit")}
              <span className="unseen"> {one.label}</span>
            </Link>
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
        <NativeSelect
          label={t("captions.language")}
          value={chosen}
          data={[...languages(i18n.language), { value: OTHER, label: t("captions.other") }]}
          onChange={(event) => setChosen(event.currentTarget.value)}
        />
        {chosen === OTHER && (
          <TextInput
            label={t("captions.tag")}
            value={typed}
            maxLength={35}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        <Button
          variant="default"
          leftSection={<Pencil size={16} />}
          disabled={!isTag(language)}
          onClick={() => void navigate(`/studio/videos/${video._id}/captions/${language.toLowerCase()}`)}
        >
          {t("captions.write")}
        </Button>
        <Button
          variant="default"
          leftSection={<Upload size={16} />}
          loading={add.isPending}
          disabled={!isTag(language)}
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
