import { describe, expect, it } from "vitest";
import { formatTime, parseCues, parseTime, plain, writeCues } from "./vtt";

describe("times", () => {
  it("are read with and without hours, with points and commas", () => {
    expect(["1:02:03.450", "02:03,45", "3.5", "7", "100:00:00.000"].map(parseTime)).toEqual([
      3723.45, 123.45, 3.5, 7, 360_000,
    ]);
    for (const no of ["", "1:75", "1:75:00", "a:b", "1:2:3:4", "-1"]) expect(parseTime(no)).toBeNull();
  });

  it("are written so that they read back the same", () => {
    expect(formatTime(3723.45)).toBe("1:02:03.450");
    expect(formatTime(3.4996)).toBe("00:03.500");
    expect(formatTime(59.9999)).toBe("01:00.000");
    expect(formatTime(3.5, true)).toBe("00:00:03.500");
  });
});

describe("files", () => {
  it("of all kinds are read: marks, line ends, names, settings, notes", () => {
    const text =
      "\uFEFFWEBVTT - a title\r\n\r\nNOTE 00:01.000 --> 00:02.000\r\nnot shown\r\n\r\nSTYLE\r\n::cue {}\r\n\r\nintro\r\n00:01.000 --> 00:02.500 line:10% align:start\r\nHello\r\nyou\r\n\r\n00:04.000 --> 00:03.000\r\nbackwards";
    expect(parseCues(text)).toEqual([
      {
        key: 1,
        start: 1,
        end: 2.5,
        text: "Hello\nyou",
        settings: "line:10% align:start",
        id: "intro",
        ahead: "NOTE 00:01.000 --> 00:02.000\nnot shown\n\nSTYLE\n::cue {}",
      },
    ]);
  });

  it("keep their notes, styles, regions and the names of their cues when they are written again", () => {
    const text =
      "WEBVTT\n\nSTYLE\n::cue { color: lime }\n\nREGION\nid:low\n\nNOTE to whom it concerns\n\n7\n00:00:01.000 --> 00:00:02.000\nOne\n\nNOTE\nlater\n\n00:00:03.000 --> 00:00:04.000 region:low\nNOTES are words here\n";
    const cues = parseCues(text);
    expect(cues.map((cue) => cue.id)).toEqual(["7", undefined]);
    expect(writeCues(cues)).toBe(text);
    const turned = cues.map((cue) => (cue.id ? { ...cue, start: 5, end: 6 } : cue)).reverse();
    expect(writeCues(turned).indexOf("STYLE")).toBeLessThan(writeCues(turned).indexOf("-->"));
    expect(parseCues(`${text}\nNOTE the end`).at(-1)?.ahead).toBe("NOTE\nlater\n\nNOTE the end");
  });

  it("of SubRip are read too, in the order of time", () => {
    const text = "2\n00:00:05,000 --> 00:00:06,000\nlater\n\n1\n00:00:01,000 --> 00:00:02,000\nsooner\n";
    expect(parseCues(text).map((cue) => cue.text)).toEqual(["sooner", "later"]);
    expect(parseCues(text)[0]).not.toHaveProperty("id");
  });

  it("are written so that they read back the same, without what would break them", () => {
    const cue = { key: 1, start: 1, end: 2, settings: "line:0" };
    const text = writeCues([
      { ...cue, text: "One\n\n\ntwo --> three" },
      { ...cue, key: 2, start: 3, end: 4, text: "  " },
    ]);
    expect(text).toBe("WEBVTT\n\n00:00:01.000 --> 00:00:02.000 line:0\nOne\ntwo → three\n");
    expect(parseCues(text)).toEqual([{ ...cue, text: "One\ntwo → three" }]);
  });

  it("are read as words without markup", () => {
    expect(plain("<v Asha>Salt &amp; <i>pepper</i>")).toBe("Salt & pepper");
  });
});
