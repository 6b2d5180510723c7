import { expect, it } from "vitest";
import { between } from "./selection";

it("a range goes both ways, and is one item where the other end is gone", () => {
  const ids = ["a", "b", "c", "d"];
  expect(between(ids, "b", "d")).toEqual(["b", "c", "d"]);
  expect(between(ids, "d", "b")).toEqual(["b", "c", "d"]);
  expect(between(ids, "x", "c")).toEqual(["c"]);
});
