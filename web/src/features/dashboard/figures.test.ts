import { expect, it } from "vitest";
import { length } from "./figures";

it("lengths are written in the unit that fits", () => {
  expect(length("en", 0)).toBe("0 sec");
  expect(length("en", 59.4)).toBe("59 sec");
  expect(length("en", 90)).toBe("1.5 min");
  expect(length("en", 1_500)).toBe("25 min");
  expect(length("en", 3_600 * 3.44)).toBe("3.4 hr");
  expect(length("en", 3_600 * 25_000)).toBe("25K hr");
});
