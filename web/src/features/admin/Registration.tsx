import { Button, Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { useFormat } from "@/lib/format";
import { Avatar } from "@/ui/Avatar";
import { toast } from "@/ui/toasts";
import classes from "./AdminPage.module.css";
import type { Account } from "./queries";

/** Somebody who waits to be let in. Turning away removes the account, so it is asked whether that is meant. */
export function Registration({ account }: { account: Account }) {
  const { t } = useTranslation(["admin", "common"]);
  const format = useFormat();
  const queries = useQueryClient();
  const [isAsked, setIsAsked] = useState(false);
  const name = account.fullName;
  const path = { params: { path: { userId: account._id } } };
  const renew = () => queries.invalidateQueries({ queryKey: ["admin"] });
  const approve = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/admin/registrations/{userId}/approve", path)),
    onSuccess: () => {
      toast({ text: t("users.approved", { name }), tone: "good" });
      return renew();
    },
  });
  const refuse = useMutation({
    mutationFn: () => unwrap(api.DELETE("/api/v1/admin/registrations/{userId}", path)),
    onSuccess: () => {
      setIsAsked(false);
      toast({ text: t("users.refused", { name }) });
      return renew();
    },
  });
  return (
    <article className={classes.row} aria-label={account.username}>
      <Avatar of={account} size={40} />
      <div className={classes.words}>
        <p className={classes.head}>
          <strong>{name}</strong>
          <span className="soft">@{account.username}</span>
        </p>
        <p className={classes.facts}>
          <span>{account.email}</span>
          <span>{format.ago(account.createdAt)}</span>
        </p>
      </div>
      <div className={classes.actions}>
        <Button size="sm" loading={approve.isPending} onClick={() => approve.mutate()}>
          {t("users.approve")}
        </Button>
        <Button size="sm" variant="default" onClick={() => setIsAsked(true)}>
          {t("users.refuse")}
        </Button>
      </div>
      <Modal
        opened={isAsked}
        onClose={() => setIsAsked(false)}
        title={t("users.refuseTitle", { name })}
        closeButtonProps={{ "aria-label": t("common:close") }}
      >
        <div className={classes.form}>
          <p>{t("users.refuseText")}</p>
          <div className={classes.actions}>
            <Button variant="default" onClick={() => setIsAsked(false)}>
              {t("common:cancel")}
            </Button>
            <Button color="red" loading={refuse.isPending} onClick={() => refuse.mutate()}>
              {t("users.refuse")}
            </Button>
          </div>
        </div>
      </Modal>
    </article>
  );
}
