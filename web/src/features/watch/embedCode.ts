/** Markup that puts the player into another page: the same that oEmbed gives. */
export function embedCode(address: string, title: string, options: Record<string, string>): string {
  const quote = (text: string) =>
    text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const query = new URLSearchParams(options).toString();
  const source = quote(query ? `${address}?${query}` : address);
  return `<iframe src="${source}" width="640" height="360" title="${quote(title)}" style="border:0" allow="autoplay; fullscreen; picture-in-picture" allowfullscreen loading="lazy"></iframe>`;
}
