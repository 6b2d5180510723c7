// Finds addresses, times and names in what people write. It is shown as text with links: never as markup.
import { seconds } from "./format";

export type Piece =
  | { kind: "text"; text: string }
  | { kind: "link"; text: string; href: string }
  | { kind: "time"; text: string; at: number }
  | { kind: "name"; text: string; username: string };

const FOUND =
  /(https?:\/\/[^\s<>"']+)|(?<![\w:.])(\d{1,3}(?::[0-5]\d){1,2})(?![\w:])|(?<![\w@.])@([a-z0-9_.]{3,30})/gi;
/** Marks that end a sentence more often than an address. */
const TAIL = /[.,;:!?)\]}'"]+$/;

export function pieces(text: string): Piece[] {
  const all: Piece[] = [];
  let done = 0;
  const plain = (to: number) => {
    if (to > done) all.push({ kind: "text", text: text.slice(done, to) });
  };
  for (const found of text.matchAll(FOUND)) {
    const at = found.index;
    let whole = found[0];
    let piece: Piece | null = null;
    if (found[1]) {
      // A bracket that was opened in the address belongs to it.
      const tail = TAIL.exec(whole)?.[0] ?? "";
      const keep = tail.startsWith(")") && whole.includes("(") ? 1 : 0;
      whole = whole.slice(0, whole.length - tail.length + keep);
      piece = URL.canParse(whole) ? { kind: "link", text: whole, href: whole } : null;
    } else if (found[2]) {
      const time = seconds(found[2]);
      piece = time === null ? null : { kind: "time", text: whole, at: time };
    } else if (found[3]) {
      const username = found[3].replace(/\.+$/, "").toLowerCase();
      whole = `@${found[3].replace(/\.+$/, "")}`;
      piece = { kind: "name", text: whole, username };
    }
    if (!piece) continue;
    plain(at);
    all.push(piece);
    done = at + whole.length;
  }
  plain(text.length);
  return all;
}
