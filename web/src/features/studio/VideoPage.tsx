import { Construction } from "lucide-react";
import { useTranslation } from "react-i18next";
import { RequireSignIn } from "@/session/RequireSignIn";
import { EmptyState } from "@/ui/States";

export default function VideoPage() {
  const { t } = useTranslation();
  return (
    <RequireSignIn>
      <EmptyState icon={Construction} title={t("later.title")} text={t("later.text")} />
    </RequireSignIn>
  );
}
