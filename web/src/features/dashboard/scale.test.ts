import { describe, expect, it } from "vitest";
import { labelled, line, nearest, stepOf, stepped, ticks } from "./scale";

describe("the axis of a chart", () => {
  it("has whole steps from nothing to above all that is shown", () => {
    expect(ticks([], "things")).toEqual([0, 1]);
    expect(ticks([0, null, undefined], "things")).toEqual([0, 1]);
    expect(ticks([3, 1], "things")).toEqual([0, 1, 2, 3]);
    expect(ticks([47], "things")).toEqual([0, 20, 40, 60]);
    expect(ticks([1_234], "things")).toEqual([0, 500, 1_000, 1_500]);
  });

  it("goes below nothing where more followers went than came", () => {
    expect(ticks([-3, 4], "things")).toEqual([-4, -2, 0, 2, 4]);
    expect(ticks([-1], "things")).toEqual([-1, 0]);
  });

  it("has steps of lengths that people count in", () => {
    expect(ticks([80], "length")).toEqual([0, 30, 60, 90]);
    expect(stepOf(3_000, 4, "length")).toBe(900);
    expect(stepOf(40 * 3_600, 4, "length")).toBe(10 * 3_600);
    expect(stepOf(0, 4, "length")).toBe(1);
  });

  it("labels the newest bucket and as many others as there is room for", () => {
    expect(labelled(7, 700, 100)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(labelled(28, 400, 100)).toEqual([6, 13, 20, 27]);
    expect(labelled(0, 400, 100)).toEqual([]);
    expect(labelled(5, 0, 100)).toEqual([]);
  });
});

describe("a chart that is read", () => {
  it("finds the bucket that is pointed at, also beside its edges", () => {
    expect(nearest(5, 0.6, false)).toBe(2);
    expect(nearest(5, 0.65, false)).toBe(3);
    expect(nearest(60, 0.999, true)).toBe(59);
    expect(nearest(60, 1.2, true)).toBe(59);
    expect(nearest(60, -1, false)).toBe(0);
    expect(nearest(0, 0.5, true)).toBe(0);
  });

  it("is walked by keys, and not left", () => {
    expect(stepped("ArrowLeft", 3, 28)).toBe(2);
    expect(stepped("ArrowRight", 27, 28)).toBe(27);
    expect(stepped("PageDown", 27, 60)).toBe(21);
    expect(stepped("Home", 9, 28)).toBe(0);
    expect(stepped("End", 9, 28)).toBe(27);
    expect(stepped("Tab", 9, 28)).toBeNull();
  });

  it("is a line with gaps where nothing is known", () => {
    const path = line(
      [1, 2, null, 4.04],
      (index) => index * 10,
      (value) => value,
    );
    expect(path).toBe("M0 1L10 2M30 4");
    expect(
      line(
        [null],
        (index) => index,
        (value) => value,
      ),
    ).toBe("");
  });
});
