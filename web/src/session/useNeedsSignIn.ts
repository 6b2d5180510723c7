import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";
import { toast } from "@/ui/toasts";
import { useMe } from "./session";

/** Answers whether somebody has to sign in first, and offers it then. */
export function useNeedsSignIn(): () => boolean {
  const { t } = useTranslation();
  const me = useMe();
  const navigate = useNavigate();
  const { pathname, search } = useLocation();
  return () => {
    if (me) return false;
    const run = () => void navigate(`/sign-in?to=${encodeURIComponent(pathname + search)}`);
    toast({ text: t("signInFirst"), action: { label: t("signIn"), run } });
    return true;
  };
}
