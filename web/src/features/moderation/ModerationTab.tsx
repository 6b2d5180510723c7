// Comments of one's channel: those that wait, and which are to wait. The part is in the address.
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { Choices } from "@/ui/Choices";
import { Held } from "./Held";
import { Settings } from "./Settings";

const PARTS = ["waiting", "settings"] as const;

export function ModerationTab() {
  const { t } = useTranslation("moderation");
  const [parameters, setParameters] = useSearchParams();
  const part = parameters.get("part") === "settings" ? "settings" : "waiting";
  return (
    <>
      <Choices
        label={t("parts.label")}
        value={part}
        options={PARTS.map((value) => ({ value, label: t(`parts.${value}`) }))}
        onChange={(value) => setParameters(value === "settings" ? { part: value } : {}, { replace: true })}
      />
      {part === "settings" ? <Settings /> : <Held />}
    </>
  );
}
