// Languages that people write subtitles in, with their names. Others can be typed as a tag (BCP 47).
const COMMON = [
  ..."ar bg bn ca cs da de el en es et fa fi fr gu he hi hr hu id is it ja kn ko lt lv ml mr ms nl no pa pl".split(
    " ",
  ),
  ..."pt pt-BR ro ru sk sl sr sv sw ta te th tr uk ur vi zh-Hans zh-Hant".split(" "),
];

/** The name of a language in another one; the tag where it is not known. */
export function nameOf(tag: string, inLanguage: string): string {
  try {
    return new Intl.DisplayNames([inLanguage], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/** As those who speak it call it, for the player's menu. */
export function ownName(tag: string): string {
  return nameOf(tag, tag);
}

/** Tag and name of each, by name. */
export function languages(inLanguage: string): { value: string; label: string }[] {
  return COMMON.map((value) => ({ value, label: nameOf(value, inLanguage) })).toSorted((a, b) =>
    a.label.localeCompare(b.label, inLanguage),
  );
}

/** Whether this can be a tag at all; the server says whether it is one. */
export function isTag(text: string): boolean {
  return /^[a-z]{2,8}(-[a-z0-9]{1,8})*$/i.test(text);
}
