// The studio's dashboard while people watch.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { browser, clip, isAccessible, isContent, signsIn, site, until, visitor } from "./kit.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const AGENTS = [
  "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1",
];

describe("the dashboard", () => {
  let chromium;
  let here;
  let asha;
  let video;

  before(async () => {
    chromium = await browser();
    here = await site();
    asha = await here.person("asha");
    video = await asha.publishes(clip("short", 10, "320x180"), { title: "Lighthouse" });
  });

  after(async () => {
    await chromium?.close();
    await here?.stops();
  });

  /** Waits until a number on the page is this one. */
  async function shows(page, figure, number) {
    const found = page.locator(`[data-figure="${figure}"]`);
    await until(`${figure} is ${number}`, async () => (await found.textContent()) === String(number));
  }

  it("moves while an audience watches, without being loaded again", async () => {
    const page = await visitor(chromium, here);
    await signsIn(page, "asha");
    await page.goto("/studio");
    await page.getByText("Live", { exact: true }).waitFor();
    await shows(page, "views", 0);
    const card = page.getByRole("button", { name: /^Views/ });
    await card.getByText("0", { exact: true }).waitFor();
    await page.evaluate(() => (globalThis.isTheSamePage = true));

    for (let viewer = 0; viewer < 12; viewer += 1) {
      await here.hears(video._id, `viewer-${viewer}`, 0, 6, { agent: AGENTS[viewer % 2] + viewer });
    }
    await shows(page, "views", 12);
    await shows(page, "viewersNow", 12);
    await shows(page, "lastHour", 12);
    // The chart and its table follow.
    await card.getByText("12", { exact: true }).waitFor();
    await page.getByText("Show as a table: Views", { exact: true }).click();
    await page.getByRole("cell", { name: "12", exact: true }).first().waitFor();
    const chart = page.getByRole("slider", { name: "Views over time" });
    await chart.focus();
    await page.keyboard.press("End");
    assert.match(await chart.getAttribute("aria-valuetext"), /: 12; in the time before 0$/);
    await page.keyboard.press("ArrowLeft");
    assert.match(await chart.getAttribute("aria-valuetext"), /: 0; in the time before 0$/);
    await page
      .getByRole("link", { name: /Lighthouse/ })
      .first()
      .waitFor();
    await page.getByRole("button", { name: "Device" }).click();
    await page.getByRole("listitem").filter({ hasText: "Phone" }).getByText("6").waitFor();

    for (let viewer = 12; viewer < 20; viewer += 1) {
      await here.hears(video._id, `viewer-${viewer}`, 0, 6, { agent: AGENTS[0] + viewer });
    }
    const bela = await here.person("bela");
    const me = await asha.call("GET", "/api/v1/users/current-user");
    await bela.call("PUT", `/api/v1/subscriptions/c/${me._id}`);
    await shows(page, "views", 20);
    await shows(page, "subscribers", 1);
    await page.getByRole("heading", { name: "Watched now" }).waitFor();
    await page.getByText("20 watch", { exact: true }).waitFor();
    await card.getByText("20", { exact: true }).waitFor();
    assert.equal(await page.evaluate(() => globalThis.isTheSamePage), true);
    await isAccessible(page, "the dashboard");
    isContent(page);
    await page.context().close();
  });

  it("shows another time and another number by its address", async () => {
    const page = await visitor(chromium, here);
    await signsIn(page, "asha");
    await page.goto("/studio?range=48h&metric=watchTime");
    await page.getByRole("button", { name: /^Watch time/, pressed: true }).waitFor();
    await page.getByRole("button", { name: "48 hours", pressed: true }).waitFor();
    await page.getByRole("button", { name: "7 days" }).click();
    await page.waitForURL(/range=7d/);
    await page.getByText("As before").or(page.getByText("None before")).first().waitFor();
    await page.getByRole("switch", { name: "Compare with the time before" }).click();
    await page.waitForURL(/compare=off/);
    await page.getByText("None before").first().waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Own range", exact: true }).click();
    await page.getByLabel("From", { exact: true }).fill("2024-01-01");
    await page.getByRole("button", { name: "Show", exact: true }).click();
    await page.waitForURL(/from=2024-01-01/);
    await page.getByText("Only up to 400 days can be told apart").waitFor();
    isContent(page);
    await page.context().close();
  });

  it("tells how far people watch a video, over the video", async () => {
    for (let viewer = 0; viewer < 4; viewer += 1) {
      await here.hears(video._id, `fan-${viewer}`, 0, 10, { agent: `${AGENTS[0]} fan ${viewer}` });
    }
    const page = await visitor(chromium, here);
    await signsIn(page, "asha");
    await page.goto("/studio");
    await page
      .getByRole("link", { name: /Lighthouse/ })
      .first()
      .click();
    await page.getByRole("heading", { name: "Analytics: Lighthouse" }).waitFor();
    await shows(page, "sessions", 24);
    const curve = page.getByRole("slider", { name: "Place in the video" });
    const says = () => curve.getAttribute("aria-valuetext");
    assert.equal(await says(), "0:00: seen by 100%");
    // By keys, to where only the fans are left: four of 24.
    await curve.focus();
    await page.keyboard.press("End");
    await page.keyboard.press("PageDown");
    const at = () => page.evaluate(() => document.querySelector("video")?.currentTime ?? 0);
    await until("the video is at that place", async () => Math.abs((await at()) - 9) < 0.6);
    await until("it says who is there", async () => /^0:0[89]: seen by 16\.7%$/.test(await says()));
    // What stands out leads to its place: most left after six seconds.
    await page.getByRole("button", { name: /the steepest drop/ }).click();
    await until("the video is where people left", async () => Math.abs((await at()) - 5.8) < 0.6);
    // It follows a pointer that rests.
    await curve.scrollIntoViewIfNeeded();
    const box = await curve.boundingBox();
    await page.mouse.move(box.x + box.width * 0.3, box.y + 40);
    await until("the video follows the pointer", async () => Math.abs((await at()) - 3) < 0.5);
    await page.getByText("Show as a table: How far people watch", { exact: true }).click();
    await page.getByRole("cell", { name: "16.7%", exact: true }).first().waitFor();
    await page.getByRole("heading", { name: "How well it plays" }).waitFor();
    // The page of one video is live as well.
    await here.hears(video._id, "late-viewer", 0, 10, { agent: `${AGENTS[1]} late` });
    await shows(page, "sessions", 25);
    await shows(page, "views", 25);
    await isAccessible(page, "a video's numbers");
    isContent(page);
    await page.context().close();
  });

  it("gives the numbers as a file", async () => {
    const page = await visitor(chromium, here);
    await signsIn(page, "asha");
    await page.goto("/studio");
    const file = async (name) => {
      await page.getByRole("button", { name: "Export" }).click();
      const item = page.getByRole("menuitem", { name });
      const [download] = await Promise.all([page.waitForEvent("download"), item.click()]);
      return readFile(await download.path(), "utf8");
    };
    assert.match(await file("Videos, day by day as CSV"), /Lighthouse/);
    const [row] = JSON.parse(await file("Videos, whole range as JSON"));
    assert.equal(row.title, "Lighthouse");
    assert.equal(row.views, 25);
    isContent(page);
    await page.context().close();
  });

  it("fits on a phone, and tells a new channel what will be there", async () => {
    const page = await visitor(chromium, here, PHONE);
    await signsIn(page, "asha");
    for (const path of ["/studio", `/studio/videos/${video._id}/analytics`]) {
      await page.goto(path);
      await page.getByText("Live", { exact: true }).waitFor();
      await page.getByRole("slider", { name: "Views over time" }).waitFor();
      const wide = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.ok(wide <= 0, `${path} is ${wide} pixels too wide`);
      await isAccessible(page, `${path} on a phone`);
    }
    await here.person("cato");
    const fresh = await visitor(chromium, here);
    await signsIn(fresh, "cato");
    await fresh.goto("/studio");
    await fresh.getByRole("heading", { name: "The numbers of your channel will be here" }).waitFor();
    await isAccessible(fresh, "the dashboard of a new channel");
    isContent(page);
    isContent(fresh);
    await page.context().close();
    await fresh.context().close();
  });
});
