import { PasswordInput, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { fieldError } from "./AuthForm";

export interface Person {
  fullName: string;
  username: string;
  email: string;
  password: string;
}

export const nobody: Person = { fullName: "", username: "", email: "", password: "" };

interface Props {
  value: Person;
  error: unknown;
  onChange: (value: Person) => void;
}

/** Name, handle, address and password, with what the server says of each. */
export function PersonFields({ value, error, onChange }: Props) {
  const { t } = useTranslation("auth");
  return (
    <>
      <TextInput
        label={t("fields.fullName")}
        autoComplete="name"
        required
        withAsterisk={false}
        size="md"
        maxLength={80}
        value={value.fullName}
        error={fieldError(error, "fullName")}
        onChange={(event) => onChange({ ...value, fullName: event.currentTarget.value })}
      />
      <TextInput
        label={t("fields.username")}
        description={t("fields.usernameHint")}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        leftSection="@"
        required
        withAsterisk={false}
        size="md"
        maxLength={30}
        value={value.username}
        error={fieldError(error, "username")}
        onChange={(event) => onChange({ ...value, username: event.currentTarget.value.toLowerCase() })}
      />
      <TextInput
        label={t("fields.email")}
        type="email"
        autoComplete="email"
        required
        withAsterisk={false}
        size="md"
        value={value.email}
        error={fieldError(error, "email")}
        onChange={(event) => onChange({ ...value, email: event.currentTarget.value })}
      />
      <PasswordInput
        label={t("fields.password")}
        description={t("fields.passwordHint")}
        autoComplete="new-password"
        required
        withAsterisk={false}
        size="md"
        maxLength={128}
        visibilityToggleButtonProps={{ "aria-label": t("fields.show") }}
        value={value.password}
        error={fieldError(error, "password")}
        onChange={(event) => onChange({ ...value, password: event.currentTarget.value })}
      />
    </>
  );
}
