// What a curve of retention says: a hundred parts of a video, and how many saw each of them.
export interface Point {
  /** Where the part begins, 0 to 1. */
  position: number;
  /** What part of the sessions saw it, 0 to 1. */
  watching: number;
}

/** Left out of what is called a drop: everybody decides in the first seconds. */
const BEGINNING = 0.05;
/** Less than this between two parts is no drop, and no peak. */
const NOTABLE = 0.03;

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

export interface Moments {
  /** What part is still there after a tenth. */
  start: number;
  /** Where the most people go, after the beginning. */
  drop: { position: number; by: number } | null;
  /** What people go back to: where more watch than a little before. */
  peak: Point | null;
}

export function keyMoments(points: readonly Point[]): Moments {
  let drop: Moments["drop"] = null;
  let peak: Point | null = null;
  let rise = NOTABLE;
  points.forEach((point, index) => {
    const before = points[index - 1];
    if (!before || point.position < BEGINNING) return;
    const by = before.watching - point.watching;
    if (by >= NOTABLE && by > (drop?.by ?? 0)) drop = { position: point.position, by };
    const earlier = points[Math.max(0, index - 3)];
    if (earlier && point.watching - earlier.watching > rise) {
      rise = point.watching - earlier.watching;
      peak = point;
    }
  });
  return { start: points[Math.floor(points.length / 10)]?.watching ?? 0, drop, peak };
}

/** Where a key leads on a curve of so many parts; `null` where it leads nowhere. */
export function step(key: string, place: number, parts: number): number | null {
  const one = 1 / Math.max(1, parts);
  const to = {
    ArrowLeft: place - one,
    ArrowDown: place - one,
    ArrowRight: place + one,
    ArrowUp: place + one,
    PageDown: place - 10 * one,
    PageUp: place + 10 * one,
    Home: 0,
    End: 1,
  }[key];
  return to === undefined ? null : Math.min(1, Math.max(0, to));
}
