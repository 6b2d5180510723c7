import { Link } from "react-router";
import type { Owner } from "@/api/types";
import { Avatar } from "@/ui/Avatar";
import classes from "./Strip.module.css";

/** Channels side by side. */
export function Strip({ channels }: { channels: Owner[] }) {
  if (channels.length === 0) return null;
  return (
    <ul className={classes.strip}>
      {channels.map((channel) => (
        <li key={channel._id}>
          <Link to={`/@${channel.username}`} className={classes.channel}>
            <Avatar of={channel} size={56} />
            <span>{channel.fullName}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
