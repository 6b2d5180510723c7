// Where viewers of a video come from, as the server knows it: the page of the site that they were on before.
let before = "";
let now = "";

/** The page that is shown now. */
export function arrived(pathname: string): void {
  if (pathname === now) return;
  before = now;
  now = pathname;
}

/** Of a page: what the server calls it; nothing for those that are no way to a video. */
export function sourceOf(pathname: string): string | undefined {
  if (pathname === "/" || pathname === "/trending") return "home";
  if (pathname === "/search") return "search";
  if (pathname === "/subscriptions") return "subscriptions";
  if (pathname.startsWith("/watch/")) return "related";
  if (pathname.startsWith("/playlist/")) return "playlist";
  if (pathname.startsWith("/@")) return "channel";
  return undefined;
}

/** Where somebody came from who is on a video's page now. */
export function cameFrom(): string | undefined {
  // While the page is made it is not yet told of.
  return sourceOf(now === location.pathname ? before : now);
}
