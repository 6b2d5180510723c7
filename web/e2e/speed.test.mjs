// The budget of the first visit. Times are compared with a piece of work that is done beside them: a machine that is
// slower or busy has as much more time as it takes more for that.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { browser, site } from "./kit.mjs";
import { fill, pace, SLOWER, sentence, visits } from "./speed.mjs";

/** What the piece of work takes on the machine that the budget was made on, in milliseconds. */
const USUAL_PACE_MS = 110;
const ROUNDS = 3;
const BUDGET = { lcp: 1500, longest: 200, frame: 1000, shift: 0.05 };

describe("the first visit", () => {
  let chromium;
  let here;
  let video;

  before(async () => {
    chromium = await browser();
    here = await site();
    video = await fill(here);
  });

  after(async () => {
    await chromium?.close();
    await here?.stops();
  });

  /** Visits a page, and says how many times slower than usual the machine is meanwhile; never less than once. */
  async function measured(name, path, slower) {
    const before = await pace(chromium, here);
    const seen = await visits(chromium, here, path, slower, ROUNDS);
    const slow = Math.max(1, Math.max(before, await pace(chromium, here)) / USUAL_PACE_MS);
    console.log(`${sentence(name, seen)} (machine: ${slow.toFixed(2)})`);
    return { seen, slow };
  }

  it("of the first page shows something soon, moves nothing, and never blocks for long", async () => {
    const { seen, slow } = await measured("home, 4x slower", "/", SLOWER);
    assert.ok(seen.shift < BUDGET.shift, `layout shift ${seen.shift}`);
    assert.ok(seen.lcp < BUDGET.lcp * slow, `LCP ${seen.lcp} ms`);
    assert.ok(seen.longest <= BUDGET.longest * slow, `longest task ${seen.longest} ms`);
  });

  it("of a video shows its first frame within a second", async () => {
    const { seen, slow } = await measured("watch", `/watch/${video._id}`, 1);
    assert.ok(seen.shift < BUDGET.shift, `layout shift ${seen.shift}`);
    assert.ok(seen.frame > 0 && seen.frame < BUDGET.frame * slow, `first frame ${seen.frame} ms`);
  });
});
