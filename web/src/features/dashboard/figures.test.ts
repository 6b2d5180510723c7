import { expect, it } from "vitest";
import { bucket, isManifold, length, percent } from "./figures";

it("lengths are written in the unit that fits", () => {
  expect(length("en", 0)).toBe("0 sec");
  expect(length("en", 59.4)).toBe("59 sec");
  expect(length("en", 90)).toBe("1.5 min");
  expect(length("en", 1_500)).toBe("25 min");
  expect(length("en", 3_600 * 3.44)).toBe("3.4 hr");
  expect(length("en", 3_600 * 25_000)).toBe("25K hr");
});

it("changes are percent, with tenths where they are small, up to ten times as much", () => {
  expect(percent("en", 12.4)).toBe("12%");
  expect(percent("de", 3.25)).toBe("3,3\u00a0%");
  expect(isManifold(899)).toBe(false);
  expect(isManifold(900)).toBe(true);
});

it("days are those of the zone that they were counted in", () => {
  const midnight = Date.parse("2026-10-26T23:00:00Z");
  expect(bucket("en", midnight, "day", true, "Europe/Berlin")).toBe("Oct 27");
  expect(bucket("en", midnight, "day", true, "UTC")).toBe("Oct 26");
  expect(bucket("en-GB", midnight, "day", false, "UTC")).toBe("26 Oct 2026");
});
