import { expect, it, vi } from "vitest";
import { type Commands, command } from "./keys";

function commands() {
  const all = {
    toggle: vi.fn(),
    seekBy: vi.fn(),
    seekTo: vi.fn(),
    frame: vi.fn(),
    louder: vi.fn(),
    faster: vi.fn(),
    mute: vi.fn(),
    full: vi.fn(),
    theatre: vi.fn(),
    captions: vi.fn(),
    pictureInPicture: vi.fn(),
    next: vi.fn(),
  };
  return all satisfies Commands;
}

const FREE = { isOnControl: false, isInPlayer: false };

it("keys jump, play and change what is heard and seen", () => {
  const all = commands();
  for (const key of ["k", " ", "j", "ArrowRight", "7", "End", ">", "F", ","]) command(key, all, FREE)?.();
  expect(all.toggle).toHaveBeenCalledTimes(2);
  expect(all.seekBy.mock.calls).toEqual([[-10], [5]]);
  expect(all.seekTo.mock.calls).toEqual([[0.7], [1]]);
  expect(all.faster).toHaveBeenCalledWith(1);
  expect(all.full).toHaveBeenCalled();
  expect(all.frame).toHaveBeenCalledWith(-1);
  expect(command("x", all, FREE)).toBeNull();
});

it("space and arrows belong to the control that has the focus, and to the page elsewhere", () => {
  const all = commands();
  expect(command(" ", all, { isOnControl: true, isInPlayer: true })).toBeNull();
  expect(command("ArrowUp", all, FREE)).toBeNull();
  command("ArrowUp", all, { isOnControl: false, isInPlayer: true })?.();
  expect(all.louder).toHaveBeenCalledWith(0.05);
});
