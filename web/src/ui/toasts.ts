// Short messages at the edge of the page. The list lives outside of React, so that anything can say something.
export interface Toast {
  id: number;
  text: string;
  tone: "plain" | "good" | "bad";
  /** Something to do about it, such as taking it back. */
  action?: { label: string; run: () => void };
  ms: number;
}

type Say = Pick<Toast, "text"> & Partial<Pick<Toast, "tone" | "action" | "ms">>;

const MOST = 3;
let next = 1;
let shown: readonly Toast[] = [];
const watchers = new Set<() => void>();

function change(to: readonly Toast[]): void {
  shown = to;
  for (const tell of watchers) tell();
}

export function toast({ text, tone = "plain", action, ms = action ? 8_000 : 5_000 }: Say): number {
  const id = next++;
  // The same words again only move to the front.
  const others = shown.filter((one) => one.text !== text);
  change([...others, { id, text, tone, ms, ...(action ? { action } : {}) }].slice(-MOST));
  return id;
}

export function dismiss(id: number): void {
  change(shown.filter((one) => one.id !== id));
}

export const toasts = {
  subscribe(tell: () => void): () => void {
    watchers.add(tell);
    return () => watchers.delete(tell);
  },
  list: () => shown,
};
