import { expect, it } from "vitest";
import { AVATAR, COVER, sizeOf } from "./cut";

it("a part is kept as large as it is shown at most, and never enlarged", () => {
  expect(sizeOf({ x: 0, y: 0, width: 2000, height: 2000 }, AVATAR)).toEqual({ width: 512, height: 512 });
  expect(sizeOf({ x: 0, y: 0, width: 100, height: 100 }, AVATAR)).toEqual({ width: 100, height: 100 });
  expect(sizeOf({ x: 5, y: 5, width: 6200, height: 1000 }, COVER)).toEqual({ width: 2480, height: 400 });
});
