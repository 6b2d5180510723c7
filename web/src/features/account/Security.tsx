import { Button, PasswordInput } from "@mantine/core";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { fieldError } from "@/features/auth/AuthForm";
import { useFormat } from "@/lib/format";
import { ListSkeleton } from "@/ui/Skeletons";
import { toast } from "@/ui/toasts";
import classes from "./AccountPage.module.css";

const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: () => unwrap(api.GET("/api/v1/users/sessions")),
  staleTime: 0,
});

function Password() {
  const { t } = useTranslation(["account", "auth"]);
  const queries = useQueryClient();
  const [form, setForm] = useState({ oldPassword: "", newPassword: "" });
  const change = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/users/change-password", { body: form })),
    onSuccess: () => {
      setForm({ oldPassword: "", newPassword: "" });
      toast({ text: t("security.changed"), tone: "good" });
      void queries.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  const show = { "aria-label": t("auth:fields.show") };
  return (
    <section>
      <h2>{t("security.password")}</h2>
      <form className={classes.form} onSubmit={submit}>
        <PasswordInput
          label={t("security.old")}
          autoComplete="current-password"
          visibilityToggleButtonProps={show}
          value={form.oldPassword}
          error={fieldError(change.error, "oldPassword")}
          onChange={(event) => setForm({ ...form, oldPassword: event.currentTarget.value })}
        />
        <PasswordInput
          label={t("security.new")}
          description={t("auth:fields.passwordHint")}
          autoComplete="new-password"
          maxLength={128}
          visibilityToggleButtonProps={show}
          value={form.newPassword}
          error={fieldError(change.error, "newPassword")}
          onChange={(event) => setForm({ ...form, newPassword: event.currentTarget.value })}
        />
        <div>
          <Button type="submit" loading={change.isPending} disabled={!form.oldPassword || !form.newPassword}>
            {t("security.change")}
          </Button>
        </div>
      </form>
    </section>
  );
}

function Sessions() {
  const { t } = useTranslation("account");
  const format = useFormat();
  const queries = useQueryClient();
  const { data } = useQuery(sessionsQuery);
  const renew = () => queries.invalidateQueries({ queryKey: sessionsQuery.queryKey });
  const end = useMutation({
    mutationFn: (id: string) =>
      unwrap(api.DELETE("/api/v1/users/sessions/{id}", { params: { path: { id } } })),
    onSuccess: renew,
  });
  const endOthers = useMutation({
    mutationFn: () => unwrap(api.DELETE("/api/v1/users/sessions")),
    onSuccess: renew,
  });
  return (
    <section>
      <h2>{t("security.sessions")}</h2>
      {!data && <ListSkeleton count={2} />}
      <ul className={classes.list}>
        {data?.map((one) => (
          <li key={one._id}>
            <span>
              <strong>{one.current ? t("security.current") : one.device}</strong>
              <span className="soft">
                {one.current ? one.device : t("security.lastUsed", { when: format.ago(one.lastUsedAt) })}
              </span>
            </span>
            {!one.current && (
              <Button variant="default" size="sm" onClick={() => end.mutate(one._id)}>
                {t("security.end")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {(data?.length ?? 0) > 1 && (
        <Button variant="light" loading={endOthers.isPending} onClick={() => endOthers.mutate()}>
          {t("security.endOthers")}
        </Button>
      )}
    </section>
  );
}

export function Security() {
  return (
    <>
      <Password />
      <Sessions />
    </>
  );
}
