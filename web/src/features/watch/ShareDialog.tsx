import { Button, Checkbox, Modal, Textarea, TextInput } from "@mantine/core";
import { Check, Copy, Share2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { instance } from "@/app/instance";
import { copyText } from "@/lib/copy";
import { clock } from "@/lib/format";
import { embedCode } from "./embedCode";
import classes from "./ShareDialog.module.css";

interface Props {
  video: string;
  title: string;
  /** Where the player is, in seconds. */
  at?: number;
  onClose: () => void;
}

/** The address of a video, at a time too, and what puts its player into another page. */
export default function ShareDialog({ video, title, at = 0, onClose }: Props) {
  const { t } = useTranslation(["watch", "common"]);
  const [withTime, setWithTime] = useState(false);
  const [isAuto, setIsAuto] = useState(false);
  const [isLooped, setIsLooped] = useState(false);
  const [copied, setCopied] = useState<string | null>(null);
  const time = Math.floor(at);
  const address = `${instance.publicUrl}/watch/${video}${withTime ? `?t=${time}` : ""}`;
  const frame = embedCode(`${instance.publicUrl}/embed/${video}`, title, {
    ...(withTime && { t: `${time}` }),
    // Browsers let only what is silent begin by itself.
    ...(isAuto && { autoplay: "1", muted: "1" }),
    ...(isLooped && { loop: "1" }),
  });
  const copy = async (what: string, text: string) => {
    if (await copyText(text)) setCopied(what);
  };

  return (
    <Modal
      opened
      onClose={onClose}
      title={t("share.title")}
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      <div className={classes.share}>
        <div className={classes.line}>
          <TextInput
            label={t("share.address")}
            value={address}
            readOnly
            onFocus={(event) => event.currentTarget.select()}
          />
          <Button
            leftSection={copied === "address" ? <Check size={16} /> : <Copy size={16} />}
            onClick={() => void copy("address", address)}
          >
            {copied === "address" ? t("share.copied") : t("share.copy")}
          </Button>
        </div>
        {time > 0 && (
          <Checkbox
            label={t("share.at", { time: clock(time) })}
            checked={withTime}
            onChange={(event) => setWithTime(event.currentTarget.checked)}
          />
        )}
        {"share" in navigator && (
          <Button
            variant="light"
            leftSection={<Share2 size={16} />}
            onClick={() => void navigator.share({ title, url: address }).catch(() => {})}
          >
            {t("share.system")}
          </Button>
        )}
        <Textarea
          label={t("share.embed")}
          value={frame}
          readOnly
          rows={3}
          onFocus={(event) => event.currentTarget.select()}
        />
        <fieldset className={classes.options}>
          <legend className="unseen">{t("share.embedOptions")}</legend>
          <Checkbox
            label={t("share.auto")}
            checked={isAuto}
            onChange={(event) => setIsAuto(event.currentTarget.checked)}
          />
          <Checkbox
            label={t("share.loop")}
            checked={isLooped}
            onChange={(event) => setIsLooped(event.currentTarget.checked)}
          />
        </fieldset>
        <Button variant="default" onClick={() => void copy("frame", frame)}>
          {copied === "frame" ? t("share.copied") : t("share.copyEmbed")}
        </Button>
        <span className="unseen" role="status">
          {copied && t("share.copied")}
        </span>
      </div>
    </Modal>
  );
}
