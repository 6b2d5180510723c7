// The budget of the first visit. Times are compared with a piece of work that is done beside them: a machine that is
// slower or busy has as much more time as it takes more for that.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { browser, site } from "./kit.mjs";
import { fill, pace, SLOWER, sentence, visits } from "./speed.mjs";

/** What the piece of work takes on the machine that the budget was made on, in milliseconds. */
const USUAL_PACE_MS = 110;
const ROUNDS = 3;
const ATTEMPTS = 5;
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

  /**
   * Visits a page some times, up to five times over where other work got in between, and looks whether it keeps to the
   * budget: `keeps` is given what was seen, and how many times slower than usual the machine was; never less than once.
   */
  async function measured(name, path, slower, keeps) {
    const said = [];
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const before = await pace(chromium, here);
      const seen = await visits(chromium, here, path, slower, ROUNDS);
      const slow = Math.max(1, before / USUAL_PACE_MS, (await pace(chromium, here)) / USUAL_PACE_MS);
      said.push(`${sentence(name, seen)} (machine: ${slow.toFixed(2)})`);
      // What moves does so on any machine.
      assert.ok(seen.shift < BUDGET.shift, `layout shift ${seen.shift}`);
      if (!keeps(seen, slow)) continue;
      console.log(said.join("\n"));
      return;
    }
    assert.fail(`not within the budget: ${said.join("; ")}`);
  }

  it("of the first page shows something soon, moves nothing, and never blocks for long", () =>
    measured(
      "home, 4x slower",
      "/",
      SLOWER,
      ({ lcp, longest }, slow) => lcp < BUDGET.lcp * slow && longest <= BUDGET.longest * slow,
    ));

  it("of a video shows its first frame within a second", () =>
    measured(
      "watch",
      `/watch/${video._id}`,
      1,
      ({ frame }, slow) => frame > 0 && frame < BUDGET.frame * slow,
    ));
});
