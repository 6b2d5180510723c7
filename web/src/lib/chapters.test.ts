import { describe, expect, it } from "vitest";
import { chaptersIn } from "./chapters";

describe("chapters in a description", () => {
  it("are lines with a time in front or behind, with brackets, bullets and dashes", () => {
    const text =
      "A film about bread.\n\n0:00 Intro\n(2:30) – How it is made\n[10:00]: Flour | water\n1:02:03 - The end\nFilmed at 12 o'clock. See https://example.org:8080/x";
    expect(chaptersIn(text, 4000)).toEqual({
      chapters: [
        { start: 0, title: "Intro" },
        { start: 150, title: "How it is made" },
        { start: 600, title: "Flour | water" },
        { start: 3723, title: "The end" },
      ],
      fault: null,
    });
    for (const list of [
      "- 00:00 a\n- 00:10 b\n- 00:20 c",
      "1. 0:00 a\n2. 0:10 b\n3. 0:20 c",
      "a 0:00\nb - 0:10\nc (0:20)",
      "* 0:00: a\r\n* 0:10: b\r\n* 0:20: c\r\n",
    ]) {
      expect(chaptersIn(list, 30).chapters.map((one) => one.title)).toEqual(["a", "b", "c"]);
      expect(chaptersIn(list, 30).fault).toBeNull();
    }
  });

  it("are told why they are none", () => {
    expect(chaptersIn("0:01 a\n0:10 b\n0:20 c", 30).fault).toBe("first");
    expect(chaptersIn("0:00 a\n0:10 b", 30).fault).toBe("few");
    expect(chaptersIn("0:00 a\n0:20 b\n0:10 c", 30).fault).toBe("order");
    expect(chaptersIn("0:00 a\n0:10 b\n0:10 c", 30).fault).toBe("order");
    expect(chaptersIn("0:00 a\n0:10 b\n0:30 c", 30).fault).toBe("late");
    expect(chaptersIn("0:00 a\n0:10 b\n0:30 c").fault).toBeNull();
    const many = Array.from({ length: 201 }, (_, n) => `${n}:00 x`).join("\n");
    expect(chaptersIn(many).fault).toBe("many");
    for (const none of ["", "0:00\n0:10\n0:20", "0:0 a\n0:1 b\n1:2:3:4 c\n0:60 d\n0x:00 e"]) {
      expect(chaptersIn(none, 30)).toEqual({ chapters: [], fault: null });
    }
  });
});
