import { Select, Switch, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { instance } from "@/app/instance";
import { fieldError } from "@/features/auth/AuthForm";
import type { Details } from "@/features/upload/uploads";
import { ChapterPreview } from "./ChapterPreview";

const VISIBILITIES = ["public", "unlisted", "private"] as const;

interface Props {
  value: Details;
  error?: unknown;
  /** Seconds, where it is known. */
  duration?: number;
  onChange: (value: Details) => void;
}

/** Title, description, tags, and who may see it. */
export function DetailFields({ value, error, duration, onChange }: Props) {
  const { t } = useTranslation(["upload", "common"]);
  return (
    <>
      <TextInput
        label={t("fields.title")}
        required
        withAsterisk={false}
        maxLength={200}
        value={value.title}
        error={fieldError(error, "title")}
        onChange={(event) => onChange({ ...value, title: event.currentTarget.value })}
      />
      <Textarea
        label={t("fields.description")}
        description={t("fields.descriptionHint")}
        autosize
        minRows={3}
        maxRows={14}
        maxLength={10_000}
        value={value.description}
        error={fieldError(error, "description")}
        onChange={(event) => onChange({ ...value, description: event.currentTarget.value })}
      />
      <ChapterPreview description={value.description} duration={duration} />
      <TagsInput
        label={t("fields.tags")}
        description={t("fields.tagsHint")}
        maxTags={30}
        clearable
        value={value.tags}
        error={fieldError(error, "tags")}
        onChange={(tags) => onChange({ ...value, tags: tags.map((tag) => tag.slice(0, 40)) })}
      />
      <Select
        label={t("fields.visibility")}
        allowDeselect={false}
        value={value.visibility}
        data={VISIBILITIES.map((one) => ({ value: one, label: t(`common:video.visibility.${one}`) }))}
        onChange={(visibility) => onChange({ ...value, visibility: visibility ?? value.visibility })}
      />
      <Switch
        label={t("fields.keepOriginal")}
        description={t("fields.keepOriginalHint")}
        checked={value.keepOriginal ?? instance.keepOriginals}
        onChange={(event) => onChange({ ...value, keepOriginal: event.currentTarget.checked })}
      />
    </>
  );
}
