import { Alert, Button, TextInput } from "@mantine/core";
import { Check, Copy, KeyRound } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { copyText } from "@/lib/copy";
import classes from "./Webhooks.module.css";

/** The secret that what is sent is signed with: shown this once. */
export function SecretNote({ secret, onClose }: { secret: string; onClose: () => void }) {
  const { t } = useTranslation(["webhooks", "common"]);
  const [isCopied, setIsCopied] = useState(false);
  return (
    <Alert
      icon={<KeyRound size={18} />}
      title={t("secret.title")}
      withCloseButton
      closeButtonLabel={t("common:close")}
      onClose={onClose}
    >
      <p>{t("secret.text")}</p>
      <div className={classes.secret}>
        <TextInput
          aria-label={t("secret.title")}
          value={secret}
          readOnly
          onFocus={(event) => event.currentTarget.select()}
        />
        <Button
          leftSection={isCopied ? <Check size={16} /> : <Copy size={16} />}
          onClick={() => void copyText(secret).then(setIsCopied)}
        >
          {isCopied ? t("secret.copied") : t("secret.copy")}
        </Button>
      </div>
    </Alert>
  );
}
