import { Button, Checkbox, Modal, Select, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { useMe } from "@/session/session";
import { ListSkeleton } from "@/ui/Skeletons";
import { toast } from "@/ui/toasts";
import classes from "./SaveDialog.module.css";
import { addTo, ownPlaylistsQuery, playlistQuery, removeFrom } from "./save";

/** Ticks the playlists that a video is to be in; makes a new one. */
export default function SaveDialog({ video, onClose }: { video: string; onClose: () => void }) {
  const { t } = useTranslation(["library", "common"]);
  const me = useMe();
  const queries = useQueryClient();
  const { data: lists } = useQuery(ownPlaylistsQuery(me?._id));
  const { data: later } = useQuery(playlistQuery("watch-later"));
  const [ticked, setTicked] = useState<Record<string, boolean>>({});
  const [isNew, setIsNew] = useState(false);
  const [name, setName] = useState("");
  const [visibility, setVisibility] = useState("private");

  const renew = (id: string) => {
    void queries.invalidateQueries({ queryKey: ["playlist", id] });
    void queries.invalidateQueries({ queryKey: ["playlists"] });
  };
  const tick = useMutation({
    mutationFn: ({ id, to }: { id: string; to: boolean }) => (to ? addTo(id, video) : removeFrom(id, video)),
    onMutate: ({ id, to }) => setTicked((before) => ({ ...before, [id]: to })),
    onError: (_, { id, to }) => setTicked((before) => ({ ...before, [id]: !to })),
    onSuccess: (_, { id }) => renew(id),
  });
  const create = useMutation({
    mutationFn: async () => {
      const body = { name: name.trim(), description: "", visibility };
      const made = await unwrap(api.POST("/api/v1/playlist", { body }));
      await addTo(made._id, video);
      return made;
    },
    onSuccess: (made) => {
      renew(made._id);
      toast({ text: t("savedTo", { name: made.name }) });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) create.mutate();
  };
  // Of longer lists, the answer has the first videos only; the box tells what is known.
  const isIn = (id: string, ids: string[]) => ticked[id] ?? ids.includes(video);

  return (
    <Modal
      opened
      onClose={onClose}
      title={t("save.title")}
      size="sm"
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      {!lists && <ListSkeleton count={2} />}
      <div className={classes.lists}>
        <Checkbox
          label={t("later.title")}
          checked={ticked["watch-later"] ?? later?.videos.some((one) => one._id === video) ?? false}
          indeterminate={later === undefined && ticked["watch-later"] === undefined}
          onChange={(event) => tick.mutate({ id: "watch-later", to: event.currentTarget.checked })}
        />
        {lists?.map((list) => (
          <Checkbox
            key={list._id}
            label={list.name}
            checked={isIn(
              list._id,
              list.videos.map((one) => one._id),
            )}
            onChange={(event) => tick.mutate({ id: list._id, to: event.currentTarget.checked })}
          />
        ))}
      </div>
      {isNew ? (
        <form className={classes.form} onSubmit={submit}>
          <TextInput
            label={t("save.name")}
            value={name}
            maxLength={150}
            required
            data-autofocus
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Select
            label={t("save.visibility")}
            value={visibility}
            allowDeselect={false}
            data={(["public", "unlisted", "private"] as const).map((value) => ({
              value,
              label: t(`common:video.visibility.${value}`),
            }))}
            onChange={(value) => setVisibility(value ?? "private")}
          />
          <Button type="submit" loading={create.isPending}>
            {t("save.create")}
          </Button>
        </form>
      ) : (
        <Button variant="subtle" leftSection={<Plus size={18} />} onClick={() => setIsNew(true)}>
          {t("save.new")}
        </Button>
      )}
    </Modal>
  );
}
