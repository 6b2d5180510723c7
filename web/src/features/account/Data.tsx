import { Button, PasswordInput } from "@mantine/core";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api, unwrap } from "@/api/client";
import { noteEnded } from "@/api/refresh";
import { useEvent } from "@/events/useEvents";
import { useFormat } from "@/lib/format";
import classes from "./AccountPage.module.css";

const exportsQuery = queryOptions({
  queryKey: ["exports"],
  queryFn: () => unwrap(api.GET("/api/v1/users/export")),
  staleTime: 0,
});

function Exports() {
  const { t } = useTranslation("account");
  const format = useFormat();
  const queries = useQueryClient();
  const { data } = useQuery(exportsQuery);
  const renew = () => queries.invalidateQueries({ queryKey: exportsQuery.queryKey });
  const look = ({ kind }: { kind: string }) => {
    if (kind === "export_account") void renew();
  };
  useEvent("job.progress", look);
  useEvent("job.finished", look);
  useEvent("job.failed", look);
  const request = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/users/export")),
    onSuccess: renew,
  });
  const remove = useMutation({
    mutationFn: (exportId: string) =>
      unwrap(api.DELETE("/api/v1/users/export/{exportId}", { params: { path: { exportId } } })),
    onSuccess: renew,
  });
  return (
    <section>
      <h2>{t("data.export")}</h2>
      <p className="soft">{t("data.exportText")}</p>
      <ul className={classes.list}>
        {data?.map((one) => (
          <li key={one._id}>
            <span>
              {one.status === "ready" && one.url ? (
                <a className="link" href={one.url} download>
                  {t("data.ready", { size: format.bytes(one.sizeBytes) })}
                </a>
              ) : one.status === "failed" ? (
                t("data.failed")
              ) : (
                t("data.making")
              )}
              <span className="soft">
                {one.expiresAt
                  ? t("data.until", { when: format.dateTime(one.expiresAt) })
                  : format.dateTime(one.createdAt)}
              </span>
            </span>
            <Button variant="default" size="sm" onClick={() => remove.mutate(one._id)}>
              {t("data.remove")}
            </Button>
          </li>
        ))}
      </ul>
      <Button variant="light" loading={request.isPending} onClick={() => request.mutate()}>
        {t("data.request")}
      </Button>
    </section>
  );
}

function Leave() {
  const { t } = useTranslation("account");
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [password, setPassword] = useState("");
  const leave = useMutation({
    mutationFn: () => unwrap(api.DELETE("/api/v1/users/me", { body: { password } })),
    onSuccess: async () => {
      noteEnded();
      await navigate("/");
      queries.clear();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    leave.mutate();
  };
  return (
    <section className={classes.danger}>
      <h2>{t("data.leave")}</h2>
      <p className="soft">{t("data.leaveText")}</p>
      <form className={classes.form} onSubmit={submit}>
        <PasswordInput
          label={t("data.password")}
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <div>
          <Button type="submit" color="red" disabled={!password} loading={leave.isPending}>
            {t("data.leaveNow")}
          </Button>
        </div>
      </form>
    </section>
  );
}

/** Taking everything along, and leaving. */
export function Data() {
  return (
    <>
      <Exports />
      <Leave />
    </>
  );
}
