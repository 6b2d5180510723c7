import { Button, Checkbox, Modal, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./AdminPage.module.css";
import { type Target, useTakeDown } from "./takedowns";

interface Props {
  target: Target;
  /** The report that is answered by it. */
  report?: string | undefined;
  /** What the report said, to begin with. */
  start?: string | undefined;
  onClose: () => void;
}

/** Hides something from everybody, with a reason. */
export default function TakedownDialog({ target, report, start = "", onClose }: Props) {
  const { t } = useTranslation(["admin", "common"]);
  const [reason, setReason] = useState(start);
  const [closes, setCloses] = useState(true);
  const takeDown = useTakeDown();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    takeDown.mutate(
      { target, reason: reason.trim(), report: closes ? report : undefined },
      { onSuccess: onClose },
    );
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t(`takedown.title.${target.kind}`)}
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      <form className={classes.form} onSubmit={submit}>
        <p className="soft">{t("takedown.about")}</p>
        <Textarea
          label={t("takedown.reason")}
          description={t("takedown.reasonHint")}
          value={reason}
          maxLength={500}
          autosize
          minRows={2}
          data-autofocus
          error={takeDown.error?.message}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {report && (
          <Checkbox
            label={t("takedown.close")}
            checked={closes}
            onChange={(event) => setCloses(event.currentTarget.checked)}
          />
        )}
        <Button type="submit" color="red" loading={takeDown.isPending} disabled={!reason.trim()}>
          {t("takedown.send")}
        </Button>
      </form>
    </Modal>
  );
}
