// Removing with a way back: what goes is hidden at once, and the server is told when the message that offers to take
// it back has ended, or the page is left. Lists leave out what is hidden, whatever the server says meanwhile.
import i18next from "i18next";
import { useCallback, useSyncExternalStore } from "react";
import { keepFresh } from "@/api/refresh";
import { finishWaiting, toast } from "./toasts";

const UNDO_MS = 8_000;

let hidden: ReadonlySet<string> = new Set();
const watchers = new Set<() => void>();

function change(to: ReadonlySet<string>): void {
  hidden = to;
  for (const tell of watchers) tell();
}

const subscribe = (tell: () => void) => {
  watchers.add(tell);
  return () => watchers.delete(tell);
};

export const hide = (ids: readonly string[]): void => change(new Set([...hidden, ...ids]));
export const show = (ids: readonly string[]): void =>
  change(new Set([...hidden].filter((id) => !ids.includes(id))));

interface Removal {
  ids: readonly string[];
  /** What the message says. */
  text: string;
  /** Tells the server; where the page is left, all of it at once. */
  send: (isLeaving: boolean) => Promise<unknown>;
}

/** Hides these, and removes them unless somebody takes it back. */
export function removeLater({ ids, text, send }: Removal): void {
  hide(ids);
  // What is sent while the page is left cannot wait for the session to be renewed.
  void keepFresh();
  toast({
    text,
    ms: UNDO_MS,
    action: { label: i18next.t("undo"), run: () => show(ids) },
    after: (isLeaving) => {
      send(isLeaving).catch((error: Error) => {
        show(ids);
        toast({ tone: "bad", text: error.message });
      });
    },
  });
}

// Leaving the page is no way to take something back.
if (typeof window !== "undefined") window.addEventListener("pagehide", finishWaiting);

/** Whether something is still to be shown; another function whenever that changes. */
export function useNotRemoved<T extends { _id: string }>(): (one: T) => boolean {
  const gone = useSyncExternalStore(subscribe, () => hidden);
  return useCallback((one: T) => !gone.has(one._id), [gone]);
}
