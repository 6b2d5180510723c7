import { describe, expect, it } from "vitest";
import { ago, bytes, clock, seconds } from "./format";

describe("lengths", () => {
  it("are written as clocks do", () => {
    expect([0, 9.9, 61, 3599, 3661, 36_000].map(clock)).toEqual([
      "0:00",
      "0:09",
      "1:01",
      "59:59",
      "1:01:01",
      "10:00:00",
    ]);
    expect(clock(Number.NaN)).toBe("0:00");
    expect(clock(-1)).toBe("0:00");
  });

  it("are read in every way that addresses have them", () => {
    expect(["75", "75s", "1:15", "1:02:03", "1h2m3s", "2m"].map(seconds)).toEqual([
      75, 75, 75, 3723, 3723, 120,
    ]);
    expect(["", "x", "1:2:3:4", "-5", "1e9x"].map(seconds)).toEqual([null, null, null, null, null]);
    expect(seconds(null)).toBeNull();
  });
});

describe("times gone by", () => {
  it("are told in the largest unit that fits", () => {
    const now = Date.parse("2026-06-15T12:00:00Z");
    expect(ago("en", "2026-06-15T11:59:50Z", now)).toBe("now");
    expect(ago("en", "2026-06-15T11:55:00Z", now)).toBe("5 minutes ago");
    expect(ago("en", "2026-06-14T11:00:00Z", now)).toBe("yesterday");
    expect(ago("en", "2024-06-01T11:00:00Z", now)).toBe("2 years ago");
    expect(ago("de", "2026-06-15T11:55:00Z", now)).toBe("vor 5 Minuten");
  });
});

describe("sizes", () => {
  it("have a unit and few digits", () => {
    expect(bytes("en", 999)).toBe("999 bytes");
    expect(bytes("en", 1_500)).toBe("1.5 kB");
    expect(bytes("en", 2_340_000_000)).toBe("2.3 GB");
    expect(bytes("de", 1_500)).toBe("1,5 kB");
  });
});
