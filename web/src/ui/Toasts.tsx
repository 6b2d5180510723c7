import { X } from "lucide-react";
import { useEffect, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import classes from "./Toasts.module.css";
import { dismiss, type Toast, toasts } from "./toasts";

function One({ toast }: { toast: Toast }) {
  const { t } = useTranslation();
  useEffect(() => {
    const timer = setTimeout(() => dismiss(toast.id), toast.ms);
    return () => clearTimeout(timer);
  }, [toast]);
  return (
    <li className={classes.toast} data-tone={toast.tone}>
      <span>{toast.text}</span>
      {toast.action && (
        <button
          type="button"
          className={classes.action}
          onClick={() => {
            toast.action?.run();
            dismiss(toast.id, true);
          }}
        >
          {toast.action.label}
        </button>
      )}
      <button
        type="button"
        className={classes.close}
        onClick={() => dismiss(toast.id)}
        aria-label={t("close")}
      >
        <X size={16} />
      </button>
    </li>
  );
}

export function Toasts() {
  const list = useSyncExternalStore(toasts.subscribe, toasts.list);
  return (
    <ul className={classes.toasts} aria-live="polite" aria-relevant="additions">
      {list.map((toast) => (
        <One key={toast.id} toast={toast} />
      ))}
    </ul>
  );
}
