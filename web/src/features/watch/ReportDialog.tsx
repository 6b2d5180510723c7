import { Button, Modal, Radio, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { toast } from "@/ui/toasts";
import { REASONS } from "./reasons";
import classes from "./ShareDialog.module.css";

interface Props {
  what: string;
  id: string;
  onClose: () => void;
}

/** Tells the moderators of something. */
export default function ReportDialog({ what, id, onClose }: Props) {
  const { t } = useTranslation(["watch", "common"]);
  const [reason, setReason] = useState<string>("spam");
  const [text, setText] = useState("");
  const send = useMutation({
    mutationFn: () =>
      unwrap(api.POST("/api/v1/reports", { body: { kind: what, id, reason, text: text.trim() || null } })),
    onSuccess: () => {
      toast({ text: t("report.thanks"), tone: "good" });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("report.title")}
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      <form className={classes.share} onSubmit={submit}>
        <Radio.Group label={t("report.why")} value={reason} onChange={setReason}>
          <div className={classes.share}>
            {REASONS.map((one) => (
              <Radio key={one} value={one} label={t(`report.reasons.${one}`)} />
            ))}
          </div>
        </Radio.Group>
        <Textarea
          label={t("report.more")}
          value={text}
          maxLength={2000}
          autosize
          minRows={3}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Button type="submit" loading={send.isPending}>
          {t("report.send")}
        </Button>
      </form>
    </Modal>
  );
}
