// Where things stand in a chart: steps of the axis, labels that do not touch, lines with gaps.

const HOUR_S = 3_600;
/** Steps of lengths that people count in, up to an hour, in seconds. */
const LENGTHS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, HOUR_S];

/** 1, 2 or 5 times a power of ten that is not below `least`. */
function round(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((one) => one * power >= least * 0.999_999) ?? 10;
  return factor * power;
}

/** The step of an axis that has about so many of them. Things are whole; lengths are in seconds. */
export function stepOf(span: number, count: number, unit: "things" | "length"): number {
  const least = span / Math.max(1, count);
  if (unit === "things") return Math.max(1, round(Math.max(least, 1)));
  return LENGTHS.find((one) => one >= least) ?? round(least / HOUR_S) * HOUR_S;
}

/** The numbers at an axis: from nothing, or what is below it, to the next step above all values. */
export function ticks(
  values: readonly (number | null | undefined)[],
  unit: "things" | "length",
  count = 4,
): number[] {
  let [least, most] = [0, 0];
  for (const value of values) {
    if (value === null || value === undefined) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const step = stepOf(most - least, count, unit);
  const first = Math.floor(least / step);
  const last = Math.max(Math.ceil(most / step), first + 1);
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

/** Which of so many buckets have a label, so that each has at least `space` pixels; the last one has. */
export function labelled(count: number, width: number, space: number): number[] {
  if (count === 0 || width <= 0) return [];
  const every = Math.max(1, Math.ceil((count * space) / width));
  const all: number[] = [];
  for (let index = count - 1; index >= 0; index -= every) all.unshift(index);
  return all;
}

/** The bucket at a place of the width, 0 to 1. */
export function nearest(count: number, place: number, isBars: boolean): number {
  const index = isBars ? Math.floor(place * count) : Math.round(place * (count - 1));
  return Math.min(Math.max(0, count - 1), Math.max(0, index));
}

/** A line through values, with gaps where there are none. */
export function line(
  values: readonly (number | null | undefined)[],
  x: (index: number) => number,
  y: (value: number) => number,
): string {
  let text = "";
  let isDown = false;
  values.forEach((value, index) => {
    if (value === null || value === undefined) {
      isDown = false;
      return;
    }
    text += `${isDown ? "L" : "M"}${rounded(x(index))} ${rounded(y(value))}`;
    isDown = true;
  });
  return text;
}

function rounded(number: number): number {
  return Math.round(number * 10) / 10;
}

/** Where a key leads among so many buckets; `null` where it leads nowhere. */
export function stepped(key: string, index: number, count: number): number | null {
  const page = Math.max(2, Math.round(count / 10));
  const to = {
    ArrowLeft: index - 1,
    ArrowDown: index - 1,
    ArrowRight: index + 1,
    ArrowUp: index + 1,
    PageDown: index - page,
    PageUp: index + page,
    Home: 0,
    End: count - 1,
  }[key];
  return to === undefined ? null : Math.min(Math.max(0, count - 1), Math.max(0, to));
}
