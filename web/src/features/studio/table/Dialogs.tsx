import { Button, Modal, Select, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { ownPlaylistsQuery } from "@/features/library/save";
import { useMe } from "@/session/session";
import type { Item } from "./bulk";
import classes from "./Table.module.css";

interface RemoveProps {
  videos: readonly Item[];
  onRemove: () => void;
  onClose: () => void;
}

/** Asks before videos are deleted, and says how many and which. */
export function RemoveDialog({ videos, onRemove, onClose }: RemoveProps) {
  const { t } = useTranslation(["studio", "common"]);
  const count = videos.length;
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("bulk.sure", { count })}
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      <ul className={classes.named}>
        {videos.slice(0, 5).map((one) => (
          <li key={one._id}>{one.title}</li>
        ))}
        {count > 5 && <li className="soft">{t("bulk.andMore", { count: count - 5 })}</li>}
      </ul>
      <p>{t("bulk.gone")}</p>
      <div className={classes.dialogActions}>
        <Button variant="default" onClick={onClose} data-autofocus>
          {t("common:cancel")}
        </Button>
        <Button
          className={classes.danger ?? ""}
          onClick={() => {
            onRemove();
            onClose();
          }}
        >
          {t("bulk.removeNow", { count })}
        </Button>
      </div>
    </Modal>
  );
}

interface AddProps {
  count: number;
  onAdd: (list: { _id: string; name: string }) => void;
  onClose: () => void;
}

const NEW = "new";

/** Which playlist they are to be in; perhaps a new one. */
export function AddDialog({ count, onAdd, onClose }: AddProps) {
  const { t } = useTranslation(["studio", "library", "common"]);
  const me = useMe();
  const { data: lists } = useQuery(ownPlaylistsQuery(me?._id));
  const [chosen, setChosen] = useState<string | null>(null);
  const [name, setName] = useState("");
  const create = useMutation({
    mutationFn: () =>
      unwrap(
        api.POST("/api/v1/playlist", { body: { name: name.trim(), description: "", visibility: "private" } }),
      ),
    onSuccess: (made) => {
      onAdd(made);
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (chosen === NEW) {
      if (name.trim()) create.mutate();
      return;
    }
    const list = lists?.find((one) => one._id === chosen);
    if (!list) return;
    onAdd(list);
    onClose();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("bulk.addTitle", { count })}
      size="sm"
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      <form className={classes.dialog} onSubmit={submit}>
        <Select
          label={t("bulk.list")}
          data-autofocus
          searchable
          disabled={!lists}
          value={chosen}
          data={[
            { value: NEW, label: t("library:save.new") },
            ...(lists ?? []).map((one) => ({ value: one._id, label: one.name })),
          ]}
          onChange={setChosen}
        />
        {chosen === NEW && (
          <TextInput
            label={t("library:save.name")}
            required
            withAsterisk={false}
            maxLength={150}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        )}
        <Button
          type="submit"
          disabled={!chosen || (chosen === NEW && !name.trim())}
          loading={create.isPending}
        >
          {t("bulk.add")}
        </Button>
      </form>
    </Modal>
  );
}
