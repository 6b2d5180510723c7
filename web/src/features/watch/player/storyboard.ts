// Preview pictures while seeking: a WebVTT file whose cues name parts of pictures (docs/API.md, Storyboards).
export interface Tile {
  start: number;
  end: number;
  url: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

function time(text: string): number {
  return text.split(":").reduce((sum, part) => sum * 60 + Number.parseFloat(part), 0);
}

/** The tiles of a file that came from `base`. What cannot be read is left out. */
export function tiles(text: string, base: string): Tile[] {
  const all: Tile[] = [];
  let span: [number, number] | null = null;
  for (const line of text.split(/\r?\n/)) {
    const times = /^([\d:.]+)\s+-->\s+([\d:.]+)/.exec(line);
    if (times?.[1] && times[2]) {
      span = [time(times[1]), time(times[2])];
      continue;
    }
    const part = /^(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)$/.exec(line.trim());
    if (!part?.[1] || !span) continue;
    const [x = 0, y = 0, width = 0, height = 0] = part.slice(2).map(Number);
    all.push({ start: span[0], end: span[1], url: new URL(part[1], base).href, x, y, width, height });
    span = null;
  }
  return all;
}

/** The tile of a time; the last one for what is beyond the end. */
export function tileAt(all: readonly Tile[], at: number): Tile | undefined {
  let low = 0;
  let high = all.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((all[middle]?.start ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return all[low];
}
