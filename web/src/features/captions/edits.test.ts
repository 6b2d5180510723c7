import { describe, expect, it } from "vitest";
import { cueAt, type Edit, EMPTY, edit, type State, warnings } from "./edits";
import type { Cue } from "./vtt";

const cue = (key: number, start: number, end: number, text = `cue ${key}`): Cue => ({
  key,
  start,
  end,
  text,
  settings: "",
});

const opened = (...cues: Cue[]) => edit(EMPTY, { do: "open", cues });
const done = (state: State, ...edits: Edit[]) => edits.reduce(edit, state);
const texts = (state: State) => state.cues.map((one) => one.text);

describe("an editor of subtitles", () => {
  it("takes every step back and does it again; typing on is one step", () => {
    const begun = opened(cue(1, 0, 1));
    const removed = done(
      begun,
      { do: "write", key: 1, text: "H" },
      { do: "write", key: 1, text: "Hi" },
      { do: "remove", key: 1 },
    );
    expect(texts(removed)).toEqual([]);
    const back = done(removed, { do: "undo" });
    expect(texts(back)).toEqual(["Hi"]);
    expect(texts(done(back, { do: "undo" }))).toEqual(["cue 1"]);
    expect(texts(done(back, { do: "undo" }, { do: "undo" }, { do: "redo" }, { do: "redo" }))).toEqual([]);
    expect(done(back, { do: "write", key: 1, text: "New" }).future).toEqual([]);
  });

  it("adds a cue where the video is, up to the next one, and works on it", () => {
    const state = done(opened(cue(1, 0, 1), cue(2, 5, 6)), { do: "add", at: 4, duration: 60 });
    expect(state.cues[1]).toMatchObject({ start: 4, end: 5, text: "" });
    expect(state.chosen).toBe(3);
    const last = done(opened(), { do: "add", at: 60, duration: 60 });
    expect(last.cues[0]?.end).toBeGreaterThan(last.cues[0]?.start ?? 60);
  });

  it("keeps cues in the order of time, and none that ends before it begins", () => {
    const begun = opened(cue(1, 0, 1), cue(2, 2, 3));
    expect(done(begun, { do: "time", key: 1, start: 4, end: 5 }).cues.map((one) => one.key)).toEqual([2, 1]);
    expect(done(begun, { do: "time", key: 1, start: 9 }).cues).toEqual(begun.cues);
    expect(done(begun, { do: "shift", by: -1.5 }).cues).toMatchObject([{ key: 2, start: 0.5, end: 1.5 }]);
  });

  it("splits words with the time, and joins them again", () => {
    const split = done(opened(cue(1, 0, 4, "one two three four")), { do: "split", key: 1, at: 2 });
    expect(texts(split)).toEqual(["one two", "three four"]);
    expect(split.cues.map(({ start, end }) => [start, end])).toEqual([
      [0, 2],
      [2, 4],
    ]);
    expect(texts(done(split, { do: "join", key: 1 }))).toEqual(["one two\nthree four"]);
  });

  it("keeps notes and styles when their cue goes, and names with the first half", () => {
    const named = { ...cue(1, 0, 4, "one two"), id: "intro", ahead: "NOTE a" };
    const begun = opened(named, { ...cue(2, 5, 6), ahead: "NOTE b" });
    expect(done(begun, { do: "remove", key: 1 }).cues).toMatchObject([{ key: 2, ahead: "NOTE a\n\nNOTE b" }]);
    expect(done(begun, { do: "join", key: 1 }).cues).toMatchObject([
      { id: "intro", ahead: "NOTE a\n\nNOTE b" },
    ]);
    const [first, second] = done(begun, { do: "split", key: 1, at: 2 }).cues;
    expect([first?.id, second?.id, second?.ahead]).toEqual(["intro", undefined, undefined]);
  });

  it("warns of what cannot be read", () => {
    expect(warnings(cue(1, 0, 2), cue(2, 1, 3), 60)).toEqual(["overlap"]);
    expect(warnings(cue(1, 0, 1, "x".repeat(30)), undefined, 60)).toEqual(["fast"]);
    expect(warnings(cue(1, 61, 62, "<i></i> "), undefined, 60)).toEqual(["empty", "late"]);
  });

  it("knows which cue is shown at a time", () => {
    const cues = [cue(1, 0, 2), cue(2, 1, 3), cue(3, 5, 6)];
    expect([0, 1.5, 4, 5.5, 9].map((at) => cueAt(cues, at)?.key)).toEqual([1, 2, undefined, 3, undefined]);
  });
});
