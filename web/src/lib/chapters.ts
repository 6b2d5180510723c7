// Chapters as the server reads them out of a description (crates/model/src/chapters.rs), for who is writing one.
export interface WrittenChapter {
  /** Seconds. */
  start: number;
  title: string;
}

/** Why lines with times are no chapters. */
export type ChapterFault = "first" | "few" | "order" | "late" | "many";

export interface WrittenChapters {
  chapters: WrittenChapter[];
  /** `null`: they are chapters, or there are no lines with times. */
  fault: ChapterFault | null;
}

const FEWEST = 3;
const MOST = 200;
const TITLE_CHARS = 100;
const TIME = /^(?:(\d{1,3}):([0-5]\d):([0-5]\d)|(\d{1,3}):([0-5]\d))$/;

function time(word: string): number | null {
  const match = TIME.exec(word.replace(/^[()[\]\-–—:]+|[()[\]\-–—:]+$/g, ""));
  if (!match) return null;
  const [, hours, minutes, seconds, allMinutes, rest] = match;
  return hours === undefined
    ? Number(allMinutes) * 60 + Number(rest)
    : (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
}

/** The first word and the rest. */
function cut(text: string): [string, string] {
  const at = text.search(/\s/);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

function read(line: string): WrittenChapter | null {
  const text = line.trim();
  const [first, rest] = cut(text);
  // "- 0:00 Intro", "1. 0:00 Intro"
  const isBullet = !first.includes(":") && first.length <= 4 && !/\p{L}/u.test(first);
  const [front, behind] = cut(isBullet ? rest.trimStart() : text);
  let start = time(front);
  let beside = behind;
  if (start === null) {
    const found = /^(.*)\s(\S+)$/.exec(text);
    start = found ? time(found[2] ?? "") : null;
    beside = found?.[1] ?? "";
  }
  const title = beside.replace(/^[\s\-–—:|·•]+|[\s\-–—:|·•]+$/g, "");
  return start === null || title === "" ? null : { start, title: title.slice(0, TITLE_CHARS).trimEnd() };
}

/** What a description names; `duration` in seconds, where it is known. */
export function chaptersIn(description: string, duration?: number): WrittenChapters {
  const chapters = description
    .split(/\r?\n/)
    .map(read)
    .filter((one) => one !== null);
  return { chapters, fault: fault(chapters, duration || Number.POSITIVE_INFINITY) };
}

function fault(chapters: readonly WrittenChapter[], duration: number): ChapterFault | null {
  const [first] = chapters;
  if (!first) return null;
  if (first.start !== 0) return "first";
  if (chapters.some((one, index) => one.start <= (chapters[index - 1]?.start ?? -1))) return "order";
  if (chapters.some((one) => one.start >= duration)) return "late";
  if (chapters.length < FEWEST) return "few";
  return chapters.length > MOST ? "many" : null;
}
