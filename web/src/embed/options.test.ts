import { expect, it } from "vitest";
import { options } from "./options";

const of = (query: string) => options(new URLSearchParams(query));

it("an embed waits for a click and has controls unless its address says otherwise", () => {
  expect(of("")).toEqual({ at: 0, isAuto: false, isMuted: false, isLooped: false, hasControls: true });
  expect(of("t=1m30s&autoplay=1&muted=1&loop=1&controls=0")).toEqual({
    at: 90,
    isAuto: true,
    isMuted: true,
    isLooped: true,
    hasControls: false,
  });
});

it("controls stay where nothing else could begin the video", () => {
  expect(of("controls=0").hasControls).toBe(true);
  expect(of("start=5&autoplay=0")).toMatchObject({ at: 5, isAuto: false });
});
