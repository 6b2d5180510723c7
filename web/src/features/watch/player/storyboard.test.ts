import { describe, expect, it } from "vitest";
import { tileAt, tiles } from "./storyboard";

const FILE = `WEBVTT

00:00.000 --> 00:02.000
storyboard-a-0.jpg#xywh=0,0,160,90

1
00:02.000 --> 00:04.000
storyboard-a-0.jpg#xywh=160,0,160,90

01:00:00.000 --> 01:00:02.000
storyboard-a-1.jpg#xywh=0,90,160,90

NOTE nothing
00:09.000 --> 00:10.000
broken
`;

describe("a storyboard", () => {
  const all = tiles(FILE, "https://videos.example/media/x/storyboard.vtt");

  it("names parts of pictures beside it", () => {
    expect(all).toHaveLength(3);
    expect(all[1]).toEqual({
      start: 2,
      end: 4,
      url: "https://videos.example/media/x/storyboard-a-0.jpg",
      x: 160,
      y: 0,
      width: 160,
      height: 90,
    });
    expect(all[2]?.start).toBe(3600);
  });

  it("has a tile for every time", () => {
    expect(tileAt(all, 0)?.x).toBe(0);
    expect(tileAt(all, 3.9)?.x).toBe(160);
    expect(tileAt(all, 99)?.x).toBe(160);
    expect(tileAt(all, 99_999)?.start).toBe(3600);
    expect(tileAt([], 1)).toBeUndefined();
  });
});
