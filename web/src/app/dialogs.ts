// Dialogs that many pages open: saving to a playlist, sharing, reporting. One is open at a time; the code of each is
// loaded when it is opened.
import type { Target } from "@/features/admin/takedowns";

export type DialogRequest =
  | { kind: "save"; video: string }
  | { kind: "share"; video: string; title: string; at?: number }
  | { kind: "report"; what: "video" | "comment" | "tweet" | "playlist" | "user"; id: string }
  | { kind: "takedown"; target: Target; report?: string; start?: string };

let open: DialogRequest | null = null;
const watchers = new Set<() => void>();

function change(to: DialogRequest | null): void {
  open = to;
  for (const tell of watchers) tell();
}

export const openDialog = (request: DialogRequest): void => change(request);
export const closeDialog = (): void => change(null);

export const dialogs = {
  subscribe(tell: () => void): () => void {
    watchers.add(tell);
    return () => watchers.delete(tell);
  },
  open: () => open,
};
