// What an editor of subtitles does to cues, each step with a way back.
import { type Cue, plain } from "./vtt";

export interface State {
  cues: readonly Cue[];
  /** Key of the cue that is worked on. */
  chosen: number | null;
  past: readonly (readonly Cue[])[];
  future: readonly (readonly Cue[])[];
  /** What the last step was: typing on in the same cue is one step. */
  step: string;
}

export type Edit =
  | { do: "open"; cues: readonly Cue[] }
  | { do: "choose"; key: number | null }
  | { do: "write"; key: number; text: string }
  | { do: "time"; key: number; start?: number; end?: number }
  | { do: "add"; at: number; duration: number }
  | { do: "split"; key: number; at: number }
  | { do: "join"; key: number }
  | { do: "remove"; key: number }
  | { do: "shift"; by: number }
  | { do: "undo" }
  | { do: "redo" };

export const EMPTY: State = { cues: [], chosen: null, past: [], future: [], step: "" };

const MOST_STEPS = 200;
/** A new cue lasts so long where nothing follows sooner, in seconds. */
const LENGTH_S = 2;
export const SHORTEST_S = 0.1;
/** More characters in a second than this are hard to read. */
export const FAST = 21;

const byTime = (a: Cue, b: Cue) => a.start - b.start || a.end - b.end;
const round = (seconds: number) => Math.round(seconds * 1000) / 1000;

function freshKey(cues: readonly Cue[]): number {
  return cues.reduce((most, cue) => Math.max(most, cue.key), 0) + 1;
}

function stepped(state: State, cues: readonly Cue[], step: string, chosen = state.chosen): State {
  const isSame = step !== "" && step === state.step;
  return {
    cues,
    chosen,
    past: isSame ? state.past : [...state.past, state.cues].slice(-MOST_STEPS),
    future: [],
    step,
  };
}

function heirOf(first: string | undefined, second: string | undefined): Pick<Cue, "ahead"> {
  return first || second ? { ahead: [first, second].filter(Boolean).join("\n\n") } : {};
}

export function edit(state: State, what: Edit): State {
  const { cues } = state;
  const find = (key: number) => cues.find((cue) => cue.key === key);
  switch (what.do) {
    case "open":
      return { ...EMPTY, cues: what.cues, chosen: what.cues[0]?.key ?? null };
    case "choose":
      return { ...state, chosen: what.key, step: "" };
    case "write":
      return stepped(
        state,
        cues.map((cue) => (cue.key === what.key ? { ...cue, text: what.text } : cue)),
        `write ${what.key}`,
      );
    case "time": {
      const cue = find(what.key);
      if (!cue) return state;
      const start = round(Math.max(0, what.start ?? cue.start));
      const end = round(what.end ?? cue.end);
      if (end - start < SHORTEST_S) return state;
      const changed = cues.map((one) => (one.key === what.key ? { ...one, start, end } : one));
      return stepped(state, changed.toSorted(byTime), `time ${what.key}`);
    }
    case "add": {
      const next = cues.find((cue) => cue.start > what.at);
      const end = Math.min(what.at + LENGTH_S, next?.start ?? Number.POSITIVE_INFINITY);
      const start = Math.max(0, Math.min(what.at, what.duration - SHORTEST_S));
      const key = freshKey(cues);
      const cue = {
        key,
        start: round(start),
        end: round(Math.max(start + SHORTEST_S, Math.min(end, what.duration || end))),
        text: "",
        settings: "",
      };
      return stepped(state, [...cues, cue].toSorted(byTime), "", key);
    }
    case "split": {
      const cue = find(what.key);
      if (!cue) return state;
      const inside = what.at - cue.start >= SHORTEST_S && cue.end - what.at >= SHORTEST_S;
      const at = round(inside ? what.at : (cue.start + cue.end) / 2);
      const [first, second] = halves(cue.text, (at - cue.start) / (cue.end - cue.start));
      // A name and what stands ahead are the first half's.
      const later = {
        key: freshKey(cues),
        start: at,
        end: cue.end,
        text: second,
        settings: cue.settings,
      };
      const changed = cues.flatMap((one) =>
        one.key === cue.key ? [{ ...cue, end: at, text: first }, later] : [one],
      );
      return stepped(state, changed, "");
    }
    case "join": {
      const index = cues.findIndex((cue) => cue.key === what.key);
      const [cue, next] = [cues[index], cues[index + 1]];
      if (!cue || !next) return state;
      const joined = {
        ...cue,
        end: Math.max(cue.end, next.end),
        text: [cue.text, next.text].filter(Boolean).join("\n"),
        ...heirOf(cue.ahead, next.ahead),
      };
      return stepped(state, [...cues.slice(0, index), joined, ...cues.slice(index + 2)], "");
    }
    case "remove": {
      const index = cues.findIndex((cue) => cue.key === what.key);
      const { ahead } = cues[index] ?? {};
      const heir = cues[index + 1] ?? cues[index - 1];
      // Notes and styles outlive their cue.
      const left = cues
        .filter((cue) => cue.key !== what.key)
        .map((cue) => (ahead && cue === heir ? { ...cue, ...heirOf(ahead, cue.ahead) } : cue));
      return stepped(state, left, "", (left[index] ?? left[index - 1])?.key ?? null);
    }
    case "shift":
      return stepped(
        state,
        cues.flatMap((cue) => {
          const [start, end] = [round(Math.max(0, cue.start + what.by)), round(cue.end + what.by)];
          return end - start >= SHORTEST_S ? [{ ...cue, start, end }] : [];
        }),
        "",
      );
    case "undo": {
      const before = state.past.at(-1);
      if (!before) return state;
      return {
        ...state,
        cues: before,
        past: state.past.slice(0, -1),
        future: [cues, ...state.future],
        step: "",
      };
    }
    case "redo": {
      const [after, ...future] = state.future;
      return after ? { ...state, cues: after, past: [...state.past, cues], future, step: "" } : state;
    }
  }
}

/** Words in two, at the space nearest to this part of them. */
function halves(text: string, part: number): [string, string] {
  const wanted = text.length * part;
  let best = -1;
  for (const { index } of text.matchAll(/\s/g)) {
    if (best < 0 || Math.abs(index - wanted) < Math.abs(best - wanted)) best = index;
  }
  return best < 0 ? [text, ""] : [text.slice(0, best).trim(), text.slice(best).trim()];
}

export type Warning = "overlap" | "fast" | "empty" | "late";

/** What is doubtful about a cue; `next` follows it. */
export function warnings(cue: Cue, next: Cue | undefined, duration: number): Warning[] {
  const all: Warning[] = [];
  const length = plain(cue.text).replace(/\s+/g, " ").trim().length;
  if (length === 0) all.push("empty");
  if (next && next.start < cue.end) all.push("overlap");
  if (length / (cue.end - cue.start) > FAST) all.push("fast");
  if (duration > 0 && cue.start >= duration) all.push("late");
  return all;
}

/** The cue that is shown at this time; of several the one that began last. */
export function cueAt(cues: readonly Cue[], at: number): Cue | undefined {
  let low = 0;
  let high = cues.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cues[middle]?.start ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  const cue = cues[low - 1];
  return cue && cue.end > at ? cue : undefined;
}
