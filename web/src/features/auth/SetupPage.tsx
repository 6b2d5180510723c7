import { TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { ApiError, api, unwrap } from "@/api/client";
import { useSignIn } from "@/session/session";
import { AuthForm, fieldError } from "./AuthForm";
import { nobody, PersonFields } from "./PersonFields";

/** The first admin, with the code that the server printed at its start. It may come with the address: /setup#code. */
export default function SetupPage() {
  const { t } = useTranslation("auth");
  const navigate = useNavigate();
  const [code, setCode] = useState(() => location.hash.slice(1));
  const [person, setPerson] = useState(nobody);
  const signIn = useSignIn();
  const claim = useMutation({
    meta: { silent: true },
    mutationFn: () => unwrap(api.POST("/api/v1/admin/setup", { body: { code: code.trim(), ...person } })),
    onSuccess: () =>
      signIn.mutate(
        { name: person.username, password: person.password },
        { onSuccess: () => void navigate("/admin", { replace: true }) },
      ),
  });
  const isDone = claim.error instanceof ApiError && claim.error.status === 404;
  return (
    <AuthForm
      title={t("setup.title")}
      about={t("setup.about")}
      submit={t("setup.submit")}
      isBusy={claim.isPending || signIn.isPending}
      error={isDone ? new Error(t("setup.done")) : (claim.error ?? signIn.error)}
      onSubmit={() => claim.mutate()}
      below={
        <Link className="link" to="/sign-in">
          {t("signIn.title")}
        </Link>
      }
    >
      <TextInput
        label={t("setup.code")}
        description={t("setup.codeHint")}
        autoComplete="off"
        spellCheck={false}
        required
        withAsterisk={false}
        size="md"
        value={code}
        error={fieldError(claim.error, "code")}
        onChange={(event) => setCode(event.currentTarget.value)}
      />
      <PersonFields value={person} error={claim.error} onChange={setPerson} />
    </AuthForm>
  );
}
