// Choosing several items of a list: one by one, and from the last one to this one while Shift is held.
import { useCallback, useRef, useState } from "react";

/** The ids from one to the other, both included, in the order of the list. */
export function between(ids: readonly string[], from: string, to: string): string[] {
  const [a, b] = [ids.indexOf(from), ids.indexOf(to)];
  if (a < 0 || b < 0) return [to];
  return ids.slice(Math.min(a, b), Math.max(a, b) + 1);
}

export interface Selection {
  ids: ReadonlySet<string>;
  /** Turns one on or off; with `isRange` all from the last one on get the same. */
  toggle: (id: string, isRange: boolean) => void;
  set: (ids: readonly string[]) => void;
  clear: () => void;
}

/** `shown`: the ids of the list as it is now. */
export function useSelection(shown: readonly string[]): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const last = useRef<string | null>(null);
  const toggle = (id: string, isRange: boolean) => {
    const many = isRange && last.current !== null ? between(shown, last.current, id) : [id];
    last.current = id;
    setIds((before) => {
      const next = new Set(before);
      const isOn = !before.has(id);
      for (const one of many) {
        if (isOn) next.add(one);
        else next.delete(one);
      }
      return next;
    });
  };
  const set = useCallback((to: readonly string[]) => setIds(new Set(to)), []);
  const clear = useCallback(() => setIds(new Set()), []);
  return { ids, toggle, set, clear };
}
