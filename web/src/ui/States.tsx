// What a list or page shows while it has nothing to show: empty, or failed. Loading is in Skeletons.
import { Button } from "@mantine/core";
import { type LucideIcon, RotateCw, ServerCrash, WifiOff } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/client";
import classes from "./States.module.css";

interface EmptyProps {
  icon: LucideIcon;
  title: string;
  text?: string;
  children?: ReactNode;
}

export function EmptyState({ icon: Icon, title, text, children }: EmptyProps) {
  return (
    <div className={classes.state}>
      <span className={classes.disc}>
        <Icon size={32} strokeWidth={1.6} aria-hidden />
      </span>
      <h2>{title}</h2>
      {text && <p className="soft">{text}</p>}
      {children && <div className={classes.actions}>{children}</div>}
    </div>
  );
}

interface ErrorProps {
  error?: unknown;
  title?: string;
  text?: string;
  onRetry?: () => void;
}

export function ErrorState({ error, title, text, onRetry }: ErrorProps) {
  const { t } = useTranslation();
  const isAway = error instanceof ApiError && error.status === 0;
  const words =
    text ?? (isAway ? t("error.unreachable") : error instanceof ApiError ? error.message : t("error.broken"));
  return (
    <div role="alert">
      <EmptyState icon={isAway ? WifiOff : ServerCrash} title={title ?? t("error.title")} text={words}>
        {onRetry && (
          <Button variant="light" leftSection={<RotateCw size={16} />} onClick={onRetry}>
            {t("retry")}
          </Button>
        )}
      </EmptyState>
    </div>
  );
}
