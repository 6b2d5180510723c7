import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Owner } from "@/api/types";
import { Avatar } from "@/ui/Avatar";
import classes from "./PersonRow.module.css";

interface Props {
  person: Owner;
  note: string;
  children?: ReactNode;
}

/** Somebody in a list, with what can be done about them. */
export function PersonRow({ person, note, children }: Props) {
  return (
    <article className={classes.row}>
      <Link to={`/@${person.username}`} tabIndex={-1} aria-hidden>
        <Avatar of={person} size={40} />
      </Link>
      <div className={classes.words}>
        <Link to={`/@${person.username}`} className={classes.name}>
          {person.fullName}
        </Link>
        <span className="soft">
          @{person.username} · {note}
        </span>
      </div>
      {children}
    </article>
  );
}
