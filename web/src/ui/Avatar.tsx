import { useState } from "react";
import classes from "./Avatar.module.css";

interface Props {
  of: { fullName: string; username: string; avatar: string };
  size?: number;
}

/** How many colours there are in the style sheet. */
const COLOURS = 6;

/** The picture of a person, or the first letter of the name on a colour that stays the same. */
export function Avatar({ of, size = 36 }: Props) {
  const [isBroken, setIsBroken] = useState(false);
  const style = { width: size, height: size, fontSize: size * 0.42 };
  if (of.avatar && !isBroken) {
    return (
      <img
        className={classes.avatar}
        style={style}
        src={of.avatar}
        alt=""
        width={size}
        height={size}
        loading="lazy"
        decoding="async"
        onError={() => setIsBroken(true)}
      />
    );
  }
  const colour = [...of.username].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % COLOURS;
  return (
    <span className={classes.avatar} style={style} data-colour={colour} aria-hidden>
      {[...of.fullName.trim()][0]?.toUpperCase() ?? "?"}
    </span>
  );
}
