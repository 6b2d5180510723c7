import { useEffect } from "react";
import { openDialog } from "./dialogs";

/** "?" tells what keys do, everywhere but where somebody writes. */
export function useHelpKey(): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.key !== "?" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (target.closest("input, textarea, select, [contenteditable], [role=menu], [role=dialog]")) return;
      event.preventDefault();
      openDialog({ kind: "keys" });
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}
