import { Fragment } from "react";
import { Link } from "react-router";
import { pieces } from "@/lib/rich";
import classes from "./RichText.module.css";

/** What somebody wrote, with its links, times and names to click on. */
export function RichText({ text, onSeek }: { text: string; onSeek?: (at: number) => void }) {
  return (
    <p className={classes.text}>
      {pieces(text).map((piece, index) => {
        const key = `${index}:${piece.text}`;
        if (piece.kind === "link") {
          return (
            <a
              key={key}
              className="link"
              href={piece.href}
              target="_blank"
              rel="noopener noreferrer nofollow ugc"
            >
              {piece.text}
            </a>
          );
        }
        if (piece.kind === "name") {
          return (
            <Link key={key} className="link" to={`/@${piece.username}`}>
              {piece.text}
            </Link>
          );
        }
        if (piece.kind === "time" && onSeek) {
          return (
            <button key={key} type="button" className={classes.time} onClick={() => onSeek(piece.at)}>
              {piece.text}
            </button>
          );
        }
        return <Fragment key={key}>{piece.text}</Fragment>;
      })}
    </p>
  );
}
