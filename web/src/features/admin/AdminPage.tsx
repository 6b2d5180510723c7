import { Construction } from "lucide-react";
import { useTranslation } from "react-i18next";
import NotFoundPage from "@/app/NotFoundPage";
import { RequireSignIn } from "@/session/RequireSignIn";
import { useMe } from "@/session/session";
import { EmptyState } from "@/ui/States";

/** For moderators and admins; for others it does not exist, as the routes below it. */
function Parts() {
  const { t } = useTranslation();
  const me = useMe();
  if (me?.role !== "admin" && me?.role !== "moderator") return <NotFoundPage />;
  return <EmptyState icon={Construction} title={t("later.title")} text={t("later.text")} />;
}

export default function AdminPage() {
  return (
    <RequireSignIn>
      <Parts />
    </RequireSignIn>
  );
}
