// Parts of a table that is made of rows placed freely, where elements of HTML's own do not fit.
import { ArrowDown, ArrowUp } from "lucide-react";
import type { ReactNode } from "react";
import type { Sort, View } from "./queries";
import classes from "./Table.module.css";
import { sorted } from "./view";

interface CellProps {
  /** What stands before it where there is no head, on a phone. */
  label?: string;
  name?: string;
  children: ReactNode;
}

export function Cell({ label, name, children }: CellProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: see above
    <div role="cell" className={name ? classes[name] : classes.number} data-label={label}>
      {children}
    </div>
  );
}

interface HeadProps {
  /** By which it can be ordered. */
  by?: Sort;
  view: View;
  isNumber?: boolean;
  onSort: (to: Partial<View>) => void;
  children: ReactNode;
}

export function Head({ by, view, isNumber, onSort, children }: HeadProps) {
  const isOn = by !== undefined && by === view.sort;
  const Arrow = view.isUp ? ArrowUp : ArrowDown;
  return (
    // biome-ignore lint/a11y/useSemanticElements: see above
    // biome-ignore lint/a11y/useFocusableInteractive: the button in it has the focus
    <div
      role="columnheader"
      className={classes.headCell}
      data-number={isNumber || undefined}
      aria-sort={isOn ? (view.isUp ? "ascending" : "descending") : undefined}
    >
      {by ? (
        <button type="button" className={classes.sort} onClick={() => onSort(sorted(view, by))}>
          {children}
          {isOn && <Arrow size={14} aria-hidden />}
        </button>
      ) : (
        children
      )}
    </div>
  );
}

export function HeadRow({ children }: { children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: see above
    <div role="rowgroup">
      {/* biome-ignore lint/a11y/useSemanticElements: see above */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: what is in it has the focus */}
      <div role="row" aria-rowindex={1} className={classes.headRow}>
        {children}
      </div>
    </div>
  );
}
