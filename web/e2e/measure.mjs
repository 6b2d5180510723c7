// How fast the first page and a video are there, on the machine's Chromium with a processor four times slower:
// node e2e/measure.mjs. The figures go into the report of a change; other work on the machine moves them.
import { browser, site } from "./kit.mjs";
import { fill, pace, SLOWER, sentence, visits } from "./speed.mjs";

const ROUNDS = 5;
const chromium = await browser();
const here = await site();
try {
  const video = await fill(here);
  console.log(`This machine: ${Math.round(await pace(chromium, here))} ms for the piece of work`);
  for (const [name, path, slower] of [
    ["home, 4x slower", "/", SLOWER],
    ["watch, 4x slower", `/watch/${video._id}`, SLOWER],
    ["watch", `/watch/${video._id}`, 1],
  ]) {
    console.log(sentence(name, await visits(chromium, here, path, slower, ROUNDS)));
  }
} finally {
  await chromium.close();
  await here.stops();
}
