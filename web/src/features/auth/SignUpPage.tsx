import { useMutation } from "@tanstack/react-query";
import { DoorClosed, Hourglass } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, Navigate, useNavigate, useSearchParams } from "react-router";
import { api, unwrap } from "@/api/client";
import { instance } from "@/app/instance";
import { useMe, useSignIn } from "@/session/session";
import { EmptyState } from "@/ui/States";
import { AuthForm } from "./AuthForm";
import { destination } from "./destination";
import { nobody, PersonFields } from "./PersonFields";

export default function SignUpPage() {
  const { t } = useTranslation("auth");
  const me = useMe();
  const navigate = useNavigate();
  const [parameters] = useSearchParams();
  const to = destination(parameters.get("to"));
  const [person, setPerson] = useState(nobody);
  const [isWaiting, setIsWaiting] = useState(false);
  const signIn = useSignIn();
  const register = useMutation({
    meta: { silent: true },
    mutationFn: () => unwrap(api.POST("/api/v1/users/register", { body: person })),
    onSuccess: (made) => {
      if (made.awaitingApproval) return setIsWaiting(true);
      signIn.mutate(
        { name: person.username, password: person.password },
        { onSuccess: () => void navigate(to, { replace: true }) },
      );
    },
  });
  if (instance.registration === "closed") {
    return <EmptyState icon={DoorClosed} title={t("closed.title")} text={t("closed.text")} />;
  }
  if (isWaiting) return <EmptyState icon={Hourglass} title={t("waiting.title")} text={t("waiting.text")} />;
  if (me && !signIn.isPending && !signIn.isSuccess) return <Navigate to={to} replace />;
  return (
    <AuthForm
      title={t("signUp.title")}
      about={instance.registration === "approval" ? t("signUp.approval") : t("signUp.about")}
      submit={t("signUp.submit")}
      isBusy={register.isPending || signIn.isPending}
      error={register.error ?? signIn.error}
      onSubmit={() => register.mutate()}
      below={
        <>
          {t("signUp.have")}{" "}
          <Link className="link" to={`/sign-in?to=${encodeURIComponent(to)}`}>
            {t("signIn.title")}
          </Link>
        </>
      }
    >
      <PersonFields value={person} error={register.error} onChange={setPerson} />
    </AuthForm>
  );
}
