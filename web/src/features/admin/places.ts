import type { Subject } from "./queries";

/** Where a thing can be looked at. */
export function place({ kind, _id, owner, video }: Subject): string {
  const channel = `/@${owner ?? ""}`;
  if (kind === "video") return `/watch/${_id}`;
  if (kind === "comment") return `/watch/${video ?? ""}?comment=${_id}`;
  if (kind === "tweet") return `${channel}/tweets`;
  return kind === "playlist" ? `/playlist/${_id}` : channel;
}

export const KINDS = ["video", "comment", "tweet", "user", "playlist"] as const;

/** A kind as it is named in the words. */
export const kindOf = (name: string | null | undefined) => KINDS.find((one) => one === name) ?? "report";

/** What can be taken down. */
export const isTakenDownKind = (name: string): name is "video" | "comment" | "tweet" | "playlist" =>
  ["video", "comment", "tweet", "playlist"].includes(name);
