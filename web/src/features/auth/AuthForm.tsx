import { Alert, Button } from "@mantine/core";
import { CircleAlert } from "lucide-react";
import type { FormEvent, ReactNode } from "react";
import { Link } from "react-router";
import { ApiError } from "@/api/client";
import { useTitle } from "@/ui/useTitle";
import classes from "./AuthForm.module.css";

interface Props {
  title: string;
  about?: string;
  submit: string;
  isBusy: boolean;
  error: unknown;
  onSubmit: () => void;
  children: ReactNode;
  below?: ReactNode;
}

/** The frame of the forms that lead in. */
export function AuthForm({ title, about, submit, isBusy, error, onSubmit, children, below }: Props) {
  useTitle(title);
  const handle = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  // What belongs to a field stands beside it.
  const isBesideFields = error instanceof ApiError && error.fields.some((field) => field.field);
  return (
    <section className={classes.box}>
      <Link to="/" className={classes.mark} tabIndex={-1} aria-hidden>
        <img src="/icon.svg" alt="" width={44} height={44} />
      </Link>
      <h1>{title}</h1>
      {about && <p className="soft">{about}</p>}
      <form className={classes.form} onSubmit={handle} noValidate>
        {error instanceof Error && !isBesideFields && (
          <Alert color="red" variant="light" icon={<CircleAlert />} role="alert">
            {error.message}
          </Alert>
        )}
        {children}
        <Button type="submit" size="md" fullWidth loading={isBusy}>
          {submit}
        </Button>
      </form>
      {below && <p className={classes.below}>{below}</p>}
    </section>
  );
}

/** What the server said of one field. */
export function fieldError(error: unknown, ...names: string[]): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  return error.fields.find((field) => field.field && names.includes(field.field))?.message;
}
