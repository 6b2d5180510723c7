import { Button, Modal, PasswordInput, Radio } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "@/ui/toasts";
import classes from "./AdminPage.module.css";
import type { Account } from "./queries";
import { ROLES } from "./roles";
import { useUpdateAccount } from "./useUpdateAccount";

/** Gives somebody another role, for which the admin says their own password again. */
export default function RoleDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const { t } = useTranslation(["admin", "common", "auth"]);
  const [role, setRole] = useState<string>(account.role ?? "user");
  const [password, setPassword] = useState("");
  const update = useUpdateAccount({ silent: true });
  const name = account.fullName;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    update.mutate(
      { id: account._id, role, password },
      {
        onSuccess: () => {
          const known = ROLES.find((one) => one === role) ?? "user";
          toast({ text: t("users.roleChanged", { name, role: t(`users.role.${known}`) }), tone: "good" });
          onClose();
        },
      },
    );
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("users.roleTitle", { name })}
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      <form className={classes.form} onSubmit={submit}>
        <Radio.Group label={t("users.roleChoice", { name })} value={role} onChange={setRole}>
          <div className={classes.choices}>
            {ROLES.map((one) => (
              <Radio
                key={one}
                value={one}
                label={t(`users.role.${one}`)}
                description={t(`users.roleHint.${one}`)}
              />
            ))}
          </div>
        </Radio.Group>
        <PasswordInput
          label={t("users.password")}
          description={t("users.passwordHint")}
          autoComplete="current-password"
          visibilityToggleButtonProps={{ "aria-label": t("auth:fields.show") }}
          value={password}
          error={update.error?.message}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" loading={update.isPending} disabled={role === account.role || !password}>
          {t("common:save")}
        </Button>
      </form>
    </Modal>
  );
}
