import { X } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import classes from "./Toasts.module.css";
import { dismiss, type Toast, toasts } from "./toasts";

function One({ toast, isHeld }: { toast: Toast; isHeld: boolean }) {
  const { t } = useTranslation();
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(() => dismiss(toast.id), toast.ms);
    return () => clearTimeout(timer);
  }, [toast, isHeld]);
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
  // Nothing goes while somebody points at it or has the focus in it (WCAG 2.2.1).
  const [isPointed, setIsPointed] = useState(false);
  const [isFocused, setIsFocused] = useState(false);
  const isHeld = list.length > 0 && (isPointed || isFocused);
  return (
    <ul
      className={classes.toasts}
      aria-live="polite"
      aria-relevant="additions"
      onPointerEnter={(event) => setIsPointed(event.pointerType === "mouse")}
      onPointerLeave={() => setIsPointed(false)}
      onFocus={() => setIsFocused(true)}
      onBlur={() => setIsFocused(false)}
    >
      {list.map((toast) => (
        <One key={toast.id} toast={toast} isHeld={isHeld} />
      ))}
    </ul>
  );
}
