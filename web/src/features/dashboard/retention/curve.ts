// What a curve of retention says: a hundred parts of a video, and how many saw each of them.
export interface Point {
  /** Where the part begins, 0 to 1. */
  position: number;
  /** What part of the sessions saw it, 0 to 1. */
  watching: number;
}

/** Left out of what is called a drop: everybody decides in the first moments. */
const BEGINNING = 0.05;
/** Less than this is no drop, and no peak. */
const NOTABLE = 0.03;
/** Changes are looked at over so many parts: people do not leave all at the same moment. */
const WINDOW = 3;
/** The beginning that creators look at, in seconds. */
const INTRO_S = 30;

/** The curve as a path in a square of 100 by 100, each part at its middle. */
export function curve(points: readonly Point[]): string {
  const width = 100 / Math.max(1, points.length);
  const steps = points.map((point, index) => {
    const x = (index + 0.5) * width;
    return `${round(x)} ${round(100 - Math.min(1, point.watching) * 100)}`;
  });
  const [first, last] = [steps[0], steps.at(-1)];
  if (!first || !last) return "M0 100 L100 100";
  // To both edges at the height of the part there.
  return `M0 ${first.split(" ")[1]} L${steps.join(" L")} L100 ${last.split(" ")[1]}`;
}

function round(number: number): number {
  return Math.round(number * 100) / 100;
}

/** What part of the sessions saw a place, 0 to 1. */
export function watchingAt(points: readonly Point[], place: number): number {
  return points[Math.min(points.length - 1, Math.floor(place * points.length))]?.watching ?? 0;
}

export interface Moment {
  kind: "intro" | "drop" | "peak";
  position: number;
  /** Who is there, or of `drop`, who left. */
  share: number;
}

/** Places of a video that say something, in the order of the video. */
export function keyMoments(points: readonly Point[], duration: number): Moment[] {
  if (points.length === 0 || duration <= 0) return [];
  const intro = Math.min(INTRO_S / duration, 0.1);
  const all: Moment[] = [{ kind: "intro", position: intro, share: watchingAt(points, intro) }];
  let drop: Moment | null = null;
  let peak: Moment | null = null;
  let rise = NOTABLE;
  points.forEach((point, index) => {
    const earlier = points[Math.max(0, index - WINDOW)];
    if (!earlier || earlier.position < BEGINNING) return;
    const by = earlier.watching - point.watching;
    if (by >= NOTABLE && by > (drop?.share ?? 0) + 1e-9) {
      drop = { kind: "drop", position: earlier.position, share: by };
    }
    if (-by > rise + 1e-9) {
      rise = -by;
      peak = { kind: "peak", position: point.position, share: point.watching };
    }
  });
  for (const one of [drop, peak]) if (one) all.push(one);
  return all.sort((a, b) => a.position - b.position);
}
