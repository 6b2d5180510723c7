import { Button } from "@mantine/core";
import { Compass } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { EmptyState } from "@/ui/States";
import { useTitle } from "@/ui/useTitle";

export default function NotFoundPage() {
  const { t } = useTranslation();
  useTitle(t("notFound.title"));
  return (
    <EmptyState icon={Compass} title={t("notFound.title")} text={t("notFound.text")}>
      <Button component={Link} to="/" variant="light">
        {t("nav.home")}
      </Button>
    </EmptyState>
  );
}
