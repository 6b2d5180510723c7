import { useEffect, useRef } from "react";
import { useLocation } from "react-router";

/** For a row of tabs that is wider than a phone: scrolls it so that the one where one is can be seen. */
export function useCurrentInSight() {
  const row = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the change of the address that counts
  useEffect(() => {
    const current = row.current?.querySelector<HTMLElement>('[aria-current="page"]');
    if (!row.current || !current) return;
    const past = current.getBoundingClientRect().right - row.current.getBoundingClientRect().right;
    const before = current.getBoundingClientRect().left - row.current.getBoundingClientRect().left;
    if (past > 0) row.current.scrollLeft += past + 16;
    else if (before < 0) row.current.scrollLeft += before - 16;
  }, [pathname]);
  return row;
}
