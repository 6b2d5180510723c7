// How fast the first page and a video are there, on the machine's Chromium with a processor four times slower:
// node e2e/measure.mjs. The figures go into the report of a change; other work on the machine moves them.
import { browser, clip, site, visitor } from "./kit.mjs";

const SLOWER = 4;
const ROUNDS = 5;
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

const chromium = await browser();
const here = await site();
try {
  const asha = await here.person("asha");
  let video;
  for (let index = 0; index < 8; index += 1) {
    video = await asha.publishes(clip("short", 4, "320x180"), {
      title: `Video ${index}`,
      allowDuplicate: "true",
    });
  }
  for (const [name, path, slower] of [
    ["home, 4x slower", "/", SLOWER],
    ["watch, 4x slower", `/watch/${video._id}`, SLOWER],
    ["watch", `/watch/${video._id}`, 1],
  ]) {
    const all = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const page = await visitor(chromium, here);
      const session = await page.context().newCDPSession(page);
      await session.send("Emulation.setCPUThrottlingRate", { rate: slower });
      await page.addInitScript(observe);
      await page.goto(path, { waitUntil: "load" });
      await page.waitForTimeout(2500);
      all.push(await page.evaluate(() => globalThis.seen));
      await page.context().close();
    }
    const of = (key) => median(all.map((one) => one[key]));
    console.log(
      `${name}: LCP ${Math.round(of("lcp"))} ms, layout shift ${of("shift").toFixed(3)}, longest task ${Math.round(of("longest"))} ms, first frame ${Math.round(of("frame"))} ms`,
    );
  }
} finally {
  await chromium.close();
  await here.stops();
}
