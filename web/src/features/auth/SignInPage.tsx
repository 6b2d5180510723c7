import { PasswordInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, Navigate, useNavigate, useSearchParams } from "react-router";
import { instance } from "@/app/instance";
import { useMe, useSignIn } from "@/session/session";
import { AuthForm } from "./AuthForm";
import { destination } from "./destination";

export default function SignInPage() {
  const { t } = useTranslation("auth");
  const me = useMe();
  const navigate = useNavigate();
  const [parameters] = useSearchParams();
  const to = destination(parameters.get("to"));
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useSignIn();
  if (me && !signIn.isPending) return <Navigate to={to} replace />;
  return (
    <AuthForm
      title={t("signIn.title")}
      submit={t("signIn.submit")}
      isBusy={signIn.isPending}
      error={signIn.error}
      onSubmit={() =>
        signIn.mutate(
          { name: name.trim(), password },
          { onSuccess: () => void navigate(to, { replace: true }) },
        )
      }
      below={
        instance.registration !== "closed" && (
          <>
            {t("signIn.none")}{" "}
            <Link className="link" to={`/sign-up?to=${encodeURIComponent(to)}`}>
              {t("signUp.title")}
            </Link>
          </>
        )
      }
    >
      <TextInput
        label={t("fields.nameOrEmail")}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        withAsterisk={false}
        size="md"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <PasswordInput
        label={t("fields.password")}
        name="password"
        autoComplete="current-password"
        required
        withAsterisk={false}
        size="md"
        visibilityToggleButtonProps={{ "aria-label": t("fields.show") }}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
    </AuthForm>
  );
}
