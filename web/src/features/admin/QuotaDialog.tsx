import { Button, Modal, Radio, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { fieldError } from "@/features/auth/AuthForm";
import { toast } from "@/ui/toasts";
import classes from "./AdminPage.module.css";
import type { Account } from "./queries";
import { useUpdateAccount } from "./useUpdateAccount";

const GIGABYTE = 1_000_000_000;

/** Bounds what somebody may store. */
export default function QuotaDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const { t } = useTranslation(["admin", "common"]);
  const before = account.quota ?? null;
  const [kind, setKind] = useState(before === null ? "default" : before === 0 ? "none" : "own");
  const [gigabytes, setGigabytes] = useState(before ? String(before / GIGABYTE) : "10");
  const update = useUpdateAccount({ silent: true });
  const bytes = Math.round(Number(gigabytes.replace(",", ".")) * GIGABYTE);
  const isValid = kind !== "own" || (Number.isSafeInteger(bytes) && bytes > 0);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const quota = kind === "default" ? null : kind === "none" ? 0 : bytes;
    update.mutate(
      { id: account._id, quota },
      {
        onSuccess: () => {
          toast({ text: t("users.quotaChanged"), tone: "good" });
          onClose();
        },
      },
    );
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("users.quotaTitle", { name: account.fullName })}
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      <form className={classes.form} onSubmit={submit}>
        <Radio.Group
          label={t("users.quota")}
          value={kind}
          onChange={setKind}
          error={kind === "own" ? undefined : update.error?.message}
        >
          <div className={classes.choices}>
            <Radio value="default" label={t("users.quotaDefault")} />
            <Radio value="none" label={t("users.quotaNone")} />
            <Radio value="own" label={t("users.quotaOwn")} />
          </div>
        </Radio.Group>
        {kind === "own" && (
          <TextInput
            label={t("users.gigabytes")}
            inputMode="decimal"
            autoComplete="off"
            value={gigabytes}
            error={fieldError(update.error, "quota") ?? update.error?.message}
            onChange={(event) => setGigabytes(event.currentTarget.value)}
          />
        )}
        <Button type="submit" loading={update.isPending} disabled={!isValid}>
          {t("common:save")}
        </Button>
      </form>
    </Modal>
  );
}
