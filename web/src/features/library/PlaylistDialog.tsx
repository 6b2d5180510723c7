import { Button, Modal, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { Playlist } from "@/api/types";
import { fieldError } from "@/features/auth/AuthForm";
import classes from "./SaveDialog.module.css";

interface Props {
  /** The one to change; absent: a new one. */
  playlist?: Playlist;
  onClose: () => void;
  onDone: (playlist: string) => void;
}

/** Name, description and who may see a playlist. */
export default function PlaylistDialog({ playlist, onClose, onDone }: Props) {
  const { t } = useTranslation(["library", "common"]);
  const queries = useQueryClient();
  const [form, setForm] = useState({
    name: playlist?.name ?? "",
    description: playlist?.description ?? "",
    visibility: playlist?.visibility ?? "private",
  });
  const save = useMutation({
    meta: { silent: true },
    mutationFn: async () => {
      const body = { ...form, name: form.name.trim() };
      if (!playlist) return (await unwrap(api.POST("/api/v1/playlist", { body })))._id;
      const params = { path: { playlistId: playlist._id } };
      await unwrap(api.PATCH("/api/v1/playlist/{playlistId}", { params, body }));
      return playlist._id;
    },
    onSuccess: (id) => {
      void queries.invalidateQueries({ queryKey: ["playlists"] });
      void queries.invalidateQueries({ queryKey: ["playlist", id] });
      onDone(id);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (form.name.trim()) save.mutate();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={playlist ? t("playlist.edit") : t("save.new")}
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      <form className={classes.form} onSubmit={submit}>
        <TextInput
          label={t("save.name")}
          required
          withAsterisk={false}
          maxLength={150}
          data-autofocus
          value={form.name}
          error={fieldError(save.error, "name")}
          onChange={(event) => setForm({ ...form, name: event.currentTarget.value })}
        />
        <Textarea
          label={t("playlist.description")}
          autosize
          minRows={2}
          maxLength={5000}
          value={form.description}
          error={fieldError(save.error, "description")}
          onChange={(event) => setForm({ ...form, description: event.currentTarget.value })}
        />
        <NativeSelect
          label={t("save.visibility")}
          value={form.visibility}
          data={(["public", "unlisted", "private"] as const).map((value) => ({
            value,
            label: t(`common:video.visibility.${value}`),
          }))}
          onChange={(event) => setForm({ ...form, visibility: event.currentTarget.value })}
        />
        {save.error && !fieldError(save.error, "name") && <p role="alert">{save.error.message}</p>}
        <Button type="submit" loading={save.isPending} disabled={!form.name.trim()}>
          {playlist ? t("common:save") : t("save.create")}
        </Button>
      </form>
    </Modal>
  );
}
