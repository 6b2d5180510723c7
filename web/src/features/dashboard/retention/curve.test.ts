import { describe, expect, it } from "vitest";
import { curve, keyMoments, watchingAt } from "./curve";

const of = (...shares: number[]) =>
  shares.map((watching, index) => ({ position: index / shares.length, watching }));

describe("the curve of retention", () => {
  it("goes from edge to edge, and never out of its square", () => {
    expect(curve(of(1, 0.5))).toBe("M0 0 L25 0 L75 50 L100 50");
    expect(curve(of(1.4))).toBe("M0 0 L50 0 L100 0");
    expect(curve([])).toBe("M0 100 L100 100");
  });

  it("has a value at every place", () => {
    const points = of(1, 0.5, 0.25, 0);
    expect([0, 0.3, 0.74, 1].map((place) => watchingAt(points, place))).toEqual([1, 0.5, 0.25, 0]);
    expect(watchingAt([], 0.5)).toBe(0);
  });

  it("tells where people go, and what they go back to, in the order of the video", () => {
    const shares: number[] = Array.from({ length: 100 }, (_, part) => (part < 40 ? 0.9 : 0.5));
    shares[70] = 0.8;
    const moments = keyMoments(of(...shares), 600);
    expect(moments.map((one) => one.kind)).toEqual(["intro", "drop", "peak"]);
    const [intro, drop, peak] = moments;
    expect(intro).toEqual({ kind: "intro", position: 0.05, share: 0.9 });
    expect(drop?.position).toBeCloseTo(0.37);
    expect(drop?.share).toBeCloseTo(0.4);
    expect(peak).toEqual({ kind: "peak", position: 0.7, share: 0.8 });
  });

  it("says of a curve that is even only how it begins, of a short video after a tenth", () => {
    const even = of(...Array.from({ length: 100 }, () => 1));
    expect(keyMoments(even, 10)).toEqual([{ kind: "intro", position: 0.1, share: 1 }]);
    expect(keyMoments([], 10)).toEqual([]);
  });
});
