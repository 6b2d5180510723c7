import { describe, expect, it } from "vitest";
import { curve, keyMoments, step } from "./curve";

const of = (...shares: number[]) =>
  shares.map((watching, index) => ({ position: index / shares.length, watching }));

describe("the curve of retention", () => {
  it("goes from edge to edge, and never out of its square", () => {
    expect(curve(of(1, 0.5))).toBe("M0 0 L25 0 L75 50 L100 50");
    expect(curve(of(1.4))).toBe("M0 0 L50 0 L100 0");
    expect(curve([])).toBe("M0 100 L100 100");
  });

  it("tells where people go, and what they go back to", () => {
    const shares: number[] = Array.from({ length: 100 }, (_, part) => (part < 40 ? 0.9 : 0.5));
    shares[70] = 0.8;
    const { start, drop, peak } = keyMoments(of(...shares));
    expect(start).toBe(0.9);
    expect(drop?.position).toBe(0.4);
    expect(drop?.by).toBeCloseTo(0.4);
    expect(peak?.position).toBe(0.7);
  });

  it("says nothing of a curve that is even", () => {
    expect(keyMoments(of(...Array.from({ length: 100 }, () => 1)))).toEqual({
      start: 1,
      drop: null,
      peak: null,
    });
  });

  it("is walked by keys, part by part", () => {
    expect(step("ArrowRight", 0.5, 100)).toBeCloseTo(0.51);
    expect(step("PageDown", 0.05, 100)).toBe(0);
    expect(step("End", 0.2, 100)).toBe(1);
    expect(step("a", 0.2, 100)).toBeNull();
  });
});
