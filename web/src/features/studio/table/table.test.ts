import { expect, it } from "vitest";
import { isPlain, isShown, type View } from "./queries";
import { sorted } from "./view";
import { watchTime } from "./watchTime";

const view: View = { words: "", sort: "createdAt", isUp: false, show: "all" };

it("asks the dashboard's list only for the order that it has", () => {
  expect(isPlain(view)).toBe(true);
  expect(isPlain({ ...view, show: "private" })).toBe(true);
  expect(isPlain({ ...view, isUp: true })).toBe(false);
  expect(isPlain({ ...view, words: "boats" })).toBe(false);
});

it("orders names from A on and numbers from the largest, and the other way when asked again", () => {
  expect(sorted(view, "title")).toEqual({ sort: "title", isUp: true });
  expect(sorted(view, "views")).toEqual({ sort: "views", isUp: false });
  expect(sorted({ ...view, sort: "views" }, "views")).toEqual({ sort: "views", isUp: true });
});

it("shows what was chosen", () => {
  const failed = { status: "rejected", visibility: "private" };
  expect(isShown(failed, "failed")).toBe(true);
  expect(isShown(failed, "processing")).toBe(false);
  expect(isShown(failed, "private")).toBe(true);
  expect(isShown(failed, "public")).toBe(false);
});

it("says watch time in the largest unit of which there is one", () => {
  expect(watchTime("en", 40)).toBe("40 sec");
  expect(watchTime("en", 1500)).toBe("25 min");
  expect(watchTime("en", 9000)).toBe("2.5 hr");
});
