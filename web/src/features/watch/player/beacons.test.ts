import { beforeEach, describe, expect, it } from "vitest";
import { type Beacon, Watching } from "./beacons";

describe("what is told of watching", () => {
  let sent: Beacon[];
  let watching: Watching;
  const play = (from: number, to: number, step = 0.25) => {
    for (let at = from; at <= to; at += step) watching.at(at);
  };

  beforeEach(() => {
    sent = [];
    watching = new Watching("s", (beacon) => sent.push(beacon));
  });

  it("begins with how long it took to start", () => {
    watching.started(412.4, 0);
    expect(sent).toEqual([{ sessionId: "s", seq: 1, event: "start", position: 0, startupMs: 412 }]);
  });

  it("covers what was played without gaps and without overlap", () => {
    watching.started(1, 0);
    play(0, 20);
    watching.paused(20);
    const stretches = sent.filter((one) => one.from !== undefined).map(({ from, to }) => [from, to]);
    expect(stretches).toEqual([
      [0, 8],
      [8, 16],
      [16, 20],
    ]);
    expect(sent.map((one) => one.seq)).toEqual([1, 2, 3, 4]);
  });

  it("does not count what was jumped over", () => {
    watching.started(1, 0);
    play(0, 3);
    play(60, 62);
    watching.paused(62);
    expect(sent.slice(1).map(({ event, from, to }) => [event, from, to])).toEqual([
      ["seek", 0, 3],
      ["pause", 60, 62],
    ]);
  });

  it("counts a second look at the same stretch as such", () => {
    watching.started(1, 0);
    play(0, 4);
    play(0, 4);
    watching.ended(4);
    expect(sent.slice(1).map(({ event, from, to }) => [event, from, to])).toEqual([
      ["seek", 0, 4],
      ["end", 0, 4],
    ]);
  });

  it("says where one stopped when the page is left, unless nothing was played", () => {
    watching.left(0);
    expect(sent).toEqual([]);
    watching.started(1, 0);
    play(0, 2);
    watching.left(2);
    expect(sent.at(-1)).toMatchObject({ event: "progress", from: 0, to: 2, position: 2 });
  });

  it("tells waiting once", () => {
    watching.started(1, 0);
    watching.stalled(300.4);
    play(0, 8);
    play(8.25, 16);
    expect(sent.map((one) => one.stallMs)).toEqual([undefined, 300, undefined]);
  });
});
