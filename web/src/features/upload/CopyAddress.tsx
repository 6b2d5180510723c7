import { Button } from "@mantine/core";
import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { instance } from "@/app/instance";
import { copyText } from "@/lib/copy";
import { toast } from "@/ui/toasts";

/** Takes the address of a video along. */
export function CopyAddress({ video }: { video: string }) {
  const { t } = useTranslation("upload");
  const [isCopied, setIsCopied] = useState(false);
  const address = `${instance.publicUrl}/watch/${video}`;
  const copy = async () => {
    if (await copyText(address)) setIsCopied(true);
    // Then it is shown, to be taken by hand.
    else toast({ text: address });
  };
  return (
    <Button
      type="button"
      size="sm"
      variant="default"
      leftSection={isCopied ? <Check size={16} /> : <Copy size={16} />}
      onClick={() => void copy()}
    >
      {isCopied ? t("copied") : t("copy")}
    </Button>
  );
}
