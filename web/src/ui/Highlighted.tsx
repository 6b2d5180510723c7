import type { Highlight } from "@/api/types";
import classes from "./Highlighted.module.css";

/** A piece of text with what was looked for marked. */
export function Highlighted({ of }: { of: Highlight }) {
  const parts: React.ReactNode[] = [];
  let done = 0;
  for (const [start = 0, end = 0] of of.ranges) {
    if (start < done || end <= start) continue;
    parts.push(of.text.slice(done, start));
    parts.push(
      <mark key={start} className={classes.mark}>
        {of.text.slice(start, end)}
      </mark>,
    );
    done = end;
  }
  parts.push(of.text.slice(done));
  return <>{parts}</>;
}
