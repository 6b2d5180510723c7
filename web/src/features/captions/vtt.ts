// WebVTT and SubRip as text, and as cues that can be edited. The server reads files by stricter rules and says what it
// does not take; this reads what people have and keeps what it does not edit. See W3C WebVTT, section 4.
export interface Cue {
  /** For this page only. */
  key: number;
  /** Seconds. */
  start: number;
  end: number;
  text: string;
  /** What stands behind the times in the file, such as `line:10%`; kept as it is. */
  settings: string;
  /** What the file calls it. Numbers of SubRip are no names: they only count. */
  id?: string;
  /** Notes, styles and regions that stand ahead of it. The server does not keep them, files that are saved here do. */
  ahead?: string;
}

const ARROW = "-->";
const ASIDE = /^(NOTE|STYLE|REGION)(?=\s|$)/;

/** "1:02:03.450", "02:03,450", "3.45" → seconds; `null` where it is no time. */
export function parseTime(text: string): number | null {
  const match = /^(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,3})(?:[.,](\d{1,3}))?$/.exec(text.trim());
  if (!match) return null;
  const [, hours = "0", minutes = "0", whole = "0", part = ""] = match;
  const thousandths = Number(part.padEnd(3, "0"));
  if (match[2] !== undefined && Number(whole) > 59) return null;
  if (match[1] !== undefined && Number(minutes) > 59) return null;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(whole) + thousandths / 1000;
}

/** 3723.45 → "1:02:03.450"; without hours where there are none, unless they are asked for. */
export function formatTime(seconds: number, withHours = false): string {
  const all = Math.max(0, Math.round(seconds * 1000));
  const two = (number: number) => String(number).padStart(2, "0");
  const hours = Math.floor(all / 3_600_000);
  const rest = `${two(Math.floor(all / 60_000) % 60)}:${two(Math.floor(all / 1000) % 60)}.${String(all % 1000).padStart(3, "0")}`;
  return hours > 0 || withHours ? `${withHours ? two(hours) : hours}:${rest}` : rest;
}

/** The cues of a file, in the order of time. What is broken (such as times that run backwards) is left out. */
export function parseCues(text: string): Cue[] {
  const whole = text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  const isWebVtt = /^WEBVTT(?=\s|$)/.test(whole);
  const blocks = whole.replace(/^\n+/, "").split(/\n{2,}/);
  const cues: Cue[] = [];
  let asides: string[] = [];
  for (const block of blocks) {
    if (ASIDE.test(block)) {
      asides.push(block.trimEnd());
      continue;
    }
    const lines = block.split("\n").filter((line, index, all) => line !== "" || index < all.length - 1);
    const at = lines.findIndex((line) => line.includes(ARROW));
    // Times stand in the first line or below the cue's name.
    if (at < 0 || at > 1) continue;
    const [from = "", to = ""] = (lines[at] ?? "").split(ARROW);
    const [until = "", ...settings] = to.trim().split(/\s+/);
    const [start, end] = [parseTime(from), parseTime(until)];
    if (start === null || end === null || end <= start) continue;
    const words = lines
      .slice(at + 1)
      .join("\n")
      .trim();
    const id = at === 1 && isWebVtt ? lines[0]?.trim() : undefined;
    cues.push({
      key: cues.length + 1,
      start,
      end,
      text: words,
      settings: settings.join(" "),
      ...(id && !id.startsWith("WEBVTT") && { id }),
      ...(asides.length > 0 && { ahead: asides.join("\n\n") }),
    });
    asides = [];
  }
  // What stands at the end stays with the last cue.
  const last = cues.at(-1);
  if (last && asides.length > 0) last.ahead = [last.ahead, ...asides].filter(Boolean).join("\n\n");
  return cues.sort((a, b) => a.start - b.start || a.end - b.end);
}

/** The cues as a file. Cues without words are left out. */
export function writeCues(cues: readonly Cue[]): string {
  const asides = cues.map((cue) => (cue.ahead ? cue.ahead.replaceAll(ARROW, "→").split("\n\n") : []));
  // Styles and regions have to stand before the first cue, wherever their cue went.
  const isNote = (aside: string) => aside.startsWith("NOTE");
  const blocks = asides.flat().filter((aside) => !isNote(aside));
  for (const [index, cue] of cues.entries()) {
    blocks.push(...(asides[index] ?? []).filter(isNote));
    if (cue.text.trim() === "") continue;
    const settings = cue.settings ? ` ${cue.settings}` : "";
    // An empty line would end the cue, and an arrow begin another.
    const words = cue.text
      .trim()
      .replace(/\n{2,}/g, "\n")
      .replaceAll(ARROW, "→");
    const name = cue.id ? `${cue.id}\n` : "";
    blocks.push(
      `${name}${formatTime(cue.start, true)} ${ARROW} ${formatTime(cue.end, true)}${settings}\n${words}`,
    );
  }
  return `WEBVTT\n\n${blocks.map((block) => `${block}\n`).join("\n")}`;
}

/** Words as they are read: without markup. */
export function plain(text: string): string {
  return text.replace(/<[^>]*>/g, "").replace(/&(amp|lt|gt|nbsp);/g, (_, name: string) => {
    const known: Record<string, string> = { amp: "&", lt: "<", gt: ">", nbsp: " " };
    return known[name] ?? "";
  });
}
