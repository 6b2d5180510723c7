// How fast pages are there: what measure.mjs prints and speed.test.mjs holds to the budget.
import { clip, visitor } from "./kit.mjs";

export const SLOWER = 4;
const median = (all) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)];

function observe() {
  globalThis.seen = { lcp: 0, shift: 0, longest: 0, frame: 0 };
  const on = (type, each) =>
    new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true });
  on("largest-contentful-paint", (entry) => (globalThis.seen.lcp = entry.startTime));
  on("layout-shift", (entry) => {
    if (!entry.hadRecentInput) globalThis.seen.shift += entry.value;
  });
  on("longtask", (entry) => (globalThis.seen.longest = Math.max(globalThis.seen.longest, entry.duration)));
  document.addEventListener("playing", () => (globalThis.seen.frame ||= performance.now()), true);
}

/** A piece of work that is always the same; answers how many milliseconds it took. */
function work() {
  const began = performance.now();
  let hash = 1;
  for (let n = 0; n < 6_000_000; n += 1) hash = (hash * 31 + (n ^ (hash >>> 7))) | 0;
  return performance.now() - began + (hash === 0 ? 1 : 0);
}

async function slowed(page, by) {
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: by });
}

/** How long this machine takes now, with its processor slowed down, for the piece of work. */
export async function pace(chromium, here) {
  const page = await visitor(chromium, here);
  await slowed(page, SLOWER);
  const all = [];
  for (let round = 0; round < 5; round += 1) all.push(await page.evaluate(work));
  await page.context().close();
  return median(all);
}

/** Puts some videos there; answers the last one. */
export async function fill(here) {
  const asha = await here.person("asha");
  let video;
  for (let index = 0; index < 8; index += 1) {
    const fields = { title: `Video ${index}`, allowDuplicate: "true" };
    video = await asha.publishes(clip("short", 4, "320x180"), fields);
  }
  return video;
}

/** Medians over some visits of a page by somebody who has never been there. Times in milliseconds. */
export async function visits(chromium, here, path, slower, rounds) {
  const all = [];
  for (let round = 0; round < rounds; round += 1) {
    const page = await visitor(chromium, here);
    await slowed(page, slower);
    await page.addInitScript(observe);
    await page.goto(path, { waitUntil: "load" });
    // Until nothing more happens: the page is watched for a while after it was loaded.
    await page.waitForTimeout(2500);
    all.push(await page.evaluate(() => globalThis.seen));
    await page.context().close();
  }
  const of = (key) => median(all.map((one) => one[key]));
  return { lcp: of("lcp"), shift: of("shift"), longest: of("longest"), frame: of("frame") };
}

export function sentence(name, { lcp, shift, longest, frame }) {
  const times = `LCP ${Math.round(lcp)} ms, layout shift ${shift.toFixed(3)}, longest task ${Math.round(longest)} ms`;
  return `${name}: ${times}${frame > 0 ? `, first frame ${Math.round(frame)} ms` : ""}`;
}
