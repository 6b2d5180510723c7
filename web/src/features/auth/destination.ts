/** Where to go after signing in: only to a page of our own. */
export function destination(to: string | null, own: string = location.origin): string {
  if (!to?.startsWith("/")) return "/";
  try {
    // As the browser reads it: it leaves out tabs and line breaks, and takes a backslash for a slash.
    const { origin, pathname, search, hash } = new URL(to, own);
    return origin === own && !pathname.startsWith("//") ? `${pathname}${search}${hash}` : "/";
  } catch {
    return "/";
  }
}
