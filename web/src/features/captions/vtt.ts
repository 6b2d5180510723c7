// WebVTT and SubRip as text, and as cues that can be edited. The server reads files by stricter rules and says what it
// does not take; this reads what people have, and writes only plain cues. See W3C WebVTT, section 4.
export interface Cue {
  /** For this page only. */
  key: number;
  /** Seconds. */
  start: number;
  end: number;
  text: string;
  /** What stands behind the times in the file, such as `line:10%`; kept as it is. */
  settings: string;
}

const ARROW = "-->";

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

/** The cues of a file, in the order of time. What is no cue (notes, styles, regions, broken times) is left out. */
export function parseCues(text: string): Cue[] {
  const blocks = text
    .replace(/^\uFEFF/, "")
    .replace(/\r\n?/g, "\n")
    .split(/\n{2,}/);
  const cues: Cue[] = [];
  for (const block of blocks) {
    const lines = block.split("\n").filter((line, index, all) => line !== "" || index < all.length - 1);
    const at = lines.findIndex((line) => line.includes(ARROW));
    // Times stand in the first line or below the cue's name.
    if (at < 0 || at > 1 || /^(NOTE|STYLE|REGION)\b/.test(lines[0] ?? "")) continue;
    const [from = "", to = ""] = (lines[at] ?? "").split(ARROW);
    const [until = "", ...settings] = to.trim().split(/\s+/);
    const [start, end] = [parseTime(from), parseTime(until)];
    if (start === null || end === null || end <= start) continue;
    const words = lines
      .slice(at + 1)
      .join("\n")
      .trim();
    cues.push({ key: cues.length + 1, start, end, text: words, settings: settings.join(" ") });
  }
  return cues.sort((a, b) => a.start - b.start || a.end - b.end);
}

/** The cues as a file. Cues without words are left out. */
export function writeCues(cues: readonly Cue[]): string {
  const blocks = cues
    .filter((cue) => cue.text.trim() !== "")
    .map((cue) => {
      const settings = cue.settings ? ` ${cue.settings}` : "";
      // An empty line would end the cue, and an arrow begin another.
      const words = cue.text
        .trim()
        .replace(/\n{2,}/g, "\n")
        .replaceAll(ARROW, "→");
      return `${formatTime(cue.start, true)} ${ARROW} ${formatTime(cue.end, true)}${settings}\n${words}\n`;
    });
  return `WEBVTT\n\n${blocks.join("\n")}`;
}

/** Words as they are read: without markup. */
export function plain(text: string): string {
  return text.replace(/<[^>]*>/g, "").replace(/&(amp|lt|gt|nbsp);/g, (_, name: string) => {
    const known: Record<string, string> = { amp: "&", lt: "<", gt: ">", nbsp: " " };
    return known[name] ?? "";
  });
}
