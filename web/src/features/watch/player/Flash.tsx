import type { LucideIcon } from "lucide-react";
import classes from "./Flash.module.css";

export interface Flashed {
  icon: LucideIcon;
  text?: string;
  side?: "left" | "right";
  /** Another one each time, so that it is shown again. */
  number: number;
}

/** For a moment, what a key or a tap did. It is told to those who hear the page elsewhere. */
export function Flash({ shown }: { shown: Flashed | null }) {
  if (!shown) return null;
  const { icon: Icon, text, side, number } = shown;
  return (
    <span key={number} className={classes.flash} data-side={side} aria-hidden>
      <Icon size={30} />
      {text && <span>{text}</span>}
    </span>
  );
}
