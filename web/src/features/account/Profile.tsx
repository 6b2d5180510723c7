import { Button, Switch, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, lazy, Suspense, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, sendForm, unwrap } from "@/api/client";
import type { User } from "@/api/types";
import { fieldError } from "@/features/auth/AuthForm";
import { meQuery, useMe } from "@/session/session";
import { Avatar } from "@/ui/Avatar";
import { toast } from "@/ui/toasts";
import classes from "./AccountPage.module.css";
import { AVATAR, COVER } from "./crop/cut";

const CropDialog = lazy(() => import("./crop/CropDialog"));

/** Chooses a picture, the part of it that is wanted, and sends that. */
function Picture({ kind }: { kind: "avatar" | "cover" }) {
  const { t } = useTranslation("account");
  const queries = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const [chosen, setChosen] = useState<File | null>(null);
  const label = kind === "avatar" ? t("profile.picture") : t("profile.cover");
  const send = useMutation({
    mutationFn: (picture: Blob) => {
      const form = new FormData();
      form.set(kind === "avatar" ? "avatar" : "coverImage", picture, `${kind}.jpg`);
      return sendForm<User>("PATCH", `/api/v1/users/${kind === "avatar" ? "avatar" : "cover-image"}`, form);
    },
    onSuccess: (me) => {
      queries.setQueryData(meQuery.queryKey, me);
      void queries.invalidateQueries({ queryKey: ["channel"] });
      setChosen(null);
    },
  });
  return (
    <>
      <Button variant="default" size="sm" loading={send.isPending} onClick={() => input.current?.click()}>
        {label}
      </Button>
      <input
        ref={input}
        type="file"
        accept="image/jpeg,image/png,image/webp"
        hidden
        aria-label={label}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file) setChosen(file);
          event.currentTarget.value = "";
        }}
      />
      {chosen && (
        <Suspense>
          <CropDialog
            file={chosen}
            shape={kind === "avatar" ? AVATAR : COVER}
            isBusy={send.isPending}
            onCut={(picture) => send.mutate(picture)}
            onFailed={() => {
              setChosen(null);
              toast({ text: t("crop.failed", { name: chosen.name }), tone: "bad" });
            }}
            onClose={() => setChosen(null)}
          />
        </Suspense>
      )}
    </>
  );
}

function Form({ me }: { me: User }) {
  const { t } = useTranslation(["account", "common"]);
  const queries = useQueryClient();
  const [form, setForm] = useState({
    fullName: me.fullName,
    email: me.email ?? "",
    bio: me.bio,
    subscriptionsHidden: me.subscriptionsHidden ?? false,
  });
  const save = useMutation({
    meta: { silent: true },
    mutationFn: () => unwrap(api.PATCH("/api/v1/users/update-account", { body: form })),
    onSuccess: (saved) => {
      queries.setQueryData(meQuery.queryKey, saved);
      toast({ text: t("profile.saved"), tone: "good" });
    },
    onError: (error) => toast({ text: error.message, tone: "bad" }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <>
      {me.coverImage && <img className={classes.cover} src={me.coverImage} alt="" />}
      <div className={classes.line}>
        <Avatar of={me} size={72} />
        <div className={classes.grow}>
          <strong>{me.fullName}</strong>
          <div className="soft">@{me.username}</div>
        </div>
        <Picture kind="avatar" />
        <Picture kind="cover" />
      </div>
      <form className={classes.form} onSubmit={submit}>
        <TextInput
          label={t("profile.fullName")}
          autoComplete="name"
          maxLength={80}
          value={form.fullName}
          error={fieldError(save.error, "fullName")}
          onChange={(event) => setForm({ ...form, fullName: event.currentTarget.value })}
        />
        <TextInput
          label={t("profile.email")}
          type="email"
          autoComplete="email"
          value={form.email}
          error={fieldError(save.error, "email")}
          onChange={(event) => setForm({ ...form, email: event.currentTarget.value })}
        />
        <Textarea
          label={t("profile.bio")}
          autosize
          minRows={3}
          maxLength={1000}
          value={form.bio}
          error={fieldError(save.error, "bio")}
          onChange={(event) => setForm({ ...form, bio: event.currentTarget.value })}
        />
        <Switch
          label={t("profile.hidden")}
          description={t("profile.hiddenHint")}
          checked={form.subscriptionsHidden}
          onChange={(event) => setForm({ ...form, subscriptionsHidden: event.currentTarget.checked })}
        />
        <div>
          <Button type="submit" loading={save.isPending}>
            {t("common:save")}
          </Button>
        </div>
      </form>
    </>
  );
}

export function Profile() {
  const me = useMe();
  return me ? <Form me={me} /> : null;
}
