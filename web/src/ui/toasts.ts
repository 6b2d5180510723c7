// Short messages at the edge of the page. The list lives outside of React, so that anything can say something.
export interface Toast {
  id: number;
  text: string;
  tone: "plain" | "good" | "bad";
  /** Something to do about it, such as taking it back. */
  action?: { label: string; run: () => void };
  ms: number;
}

type Say = Pick<Toast, "text"> &
  Partial<Pick<Toast, "tone" | "action" | "ms">> & {
    /**
     * Called once the message is gone without its action: what could have been taken back is done now. `isLeaving`:
     * the page is left, so that only what is sent at once is sent.
     */
    after?: (isLeaving: boolean) => void;
  };

const MOST = 3;
/** Messages by which something can be taken back; beyond that, the oldest is done. */
const MOST_WAITING = 8;
let next = 1;
let shown: readonly Toast[] = [];
const watchers = new Set<() => void>();
const waiting = new Map<number, (isLeaving: boolean) => void>();

function change(to: readonly Toast[]): void {
  shown = to;
  for (const tell of watchers) tell();
  for (const [id, after] of waiting) {
    if (to.some((one) => one.id === id)) continue;
    waiting.delete(id);
    after(false);
  }
}

/** Does at once what waits for its message to end, such as when the page is left. */
export function finishWaiting(): void {
  const all = [...waiting.values()];
  waiting.clear();
  for (const after of all) after(true);
}

export function toast({ text, tone = "plain", action, ms = action ? 8_000 : 5_000, after }: Say): number {
  const id = next++;
  if (after) waiting.set(id, after);
  // The same words again only move to the front, unless the one before can still be taken back.
  const others = shown.filter((one) => one.text !== text || waiting.has(one.id));
  const all = [...others, { id, text, tone, ms, ...(action ? { action } : {}) }];
  // Where there are too many, those go first that nothing waits for.
  while (all.length > MOST) {
    const old = all.findIndex((one) => !waiting.has(one.id) && one.id !== id);
    if (old < 0) break;
    all.splice(old, 1);
  }
  change(all.slice(-MOST_WAITING));
  return id;
}

/** Takes a message away; `isTaken`: by its action, so that what it announced is not done. */
export function dismiss(id: number, isTaken = false): void {
  if (isTaken) waiting.delete(id);
  change(shown.filter((one) => one.id !== id));
}

export const toasts = {
  subscribe(tell: () => void): () => void {
    watchers.add(tell);
    return () => watchers.delete(tell);
  },
  list: () => shown,
};
