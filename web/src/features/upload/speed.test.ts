import { expect, it } from "vitest";
import { Speed } from "./speed";

it("tells how fast bytes go and how long the rest takes", () => {
  const speed = new Speed();
  expect(speed.secondsLeft(100)).toBeNull();
  for (let second = 0; second <= 20; second += 1) speed.at(second * 1000, second * 1_000_000);
  expect(speed.bytesPerSecond).toBeCloseTo(1_000_000, -3);
  expect(speed.secondsLeft(5_000_000)).toBeCloseTo(5, 1);
});

it("follows a change within some seconds, not at once", () => {
  const speed = new Speed();
  for (let second = 0; second <= 10; second += 1) speed.at(second * 1000, second * 1000);
  speed.at(11_000, 10_000 + 5_000);
  expect(speed.bytesPerSecond).toBeGreaterThan(1_000);
  expect(speed.bytesPerSecond).toBeLessThan(3_000);
});

it("begins anew when the server has less than was sent", () => {
  const speed = new Speed();
  speed.at(0, 1_000);
  speed.at(1_000, 2_000);
  speed.at(2_000, 500);
  expect(speed.bytesPerSecond).toBeCloseTo(1_000);
});
