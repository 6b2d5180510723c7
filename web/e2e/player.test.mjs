// What the player does by keys, bar and menus, and when the connection or its addresses end.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { browser, clip, isAccessible, isContent, PHONE, signsIn, site, until, visitor } from "./kit.mjs";

describe("the player", () => {
  let chromium;
  let here;
  let asha;
  let bela;
  let video;
  let mine;

  before(async () => {
    chromium = await browser();
    here = await site();
    asha = await here.person("asha");
    bela = await here.person("bela");
    // Longer than what is loaded ahead.
    const file = clip("long", 90, "320x180");
    video = await asha.publishes(file, { title: "Long way" });
    mine = await asha.publishes(file, { title: "My way", visibility: "private", allowDuplicate: "true" });
    await asha.publishes(clip("short", 4, "320x180"), { title: "Next door" });
  });

  after(async () => {
    await chromium?.close();
    await here?.stops();
  });

  const state = (page) =>
    page.evaluate(() => {
      const { currentTime, paused, volume, playbackRate } = document.querySelector("video") ?? {};
      return { currentTime: currentTime ?? 0, paused, volume, playbackRate };
    });
  const plays = (page, from = 0.2) =>
    until(`it plays after ${from} s`, async () => (await state(page)).currentTime > from);

  it("does what keys and the bar say", async () => {
    const page = await visitor(chromium, here);
    await page.goto(`/watch/${video._id}`);
    await plays(page);
    await page.keyboard.press("k");
    await until("it is paused", async () => (await state(page)).paused);
    await page.keyboard.press("5");
    await until("it is half way", async () => Math.abs((await state(page)).currentTime - 45) < 0.5);
    await page.keyboard.press("l");
    await until("it went on", async () => Math.abs((await state(page)).currentTime - 55) < 0.5);
    await page.keyboard.press("ArrowLeft");
    await until("it went back", async () => Math.abs((await state(page)).currentTime - 50) < 0.5);
    await page.locator("[data-side=left]").waitFor({ state: "attached" });
    await page.keyboard.press(">");
    await until("it is faster", async () => (await state(page)).playbackRate === 1.25);
    const bar = page.getByRole("slider", { name: "Place in the video" });
    const box = await bar.boundingBox();
    await bar.click({ position: { x: box.width * 0.8, y: box.height / 2 } });
    await until("it is where the bar was clicked", async () => {
      const { currentTime } = await state(page);
      return Math.abs(currentTime - 72) < 3;
    });
    isContent(page);
    await page.context().close();
  });

  it("tells what keys do, on a phone's width as well", async () => {
    for (const options of [{}, { ...PHONE, colorScheme: "light" }]) {
      const page = await visitor(chromium, here, options);
      await page.goto(`/watch/${video._id}`);
      await page.getByRole("heading", { name: "Long way" }).waitFor();
      await page.keyboard.press("?");
      const dialog = page.getByRole("dialog", { name: "Keyboard shortcuts" });
      await dialog.getByText("Back 10 seconds").waitFor();
      await isAccessible(page, "the help for keys");
      const isWide = await page.evaluate(
        () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
      );
      assert.equal(isWide, false);
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "hidden" });
      isContent(page);
      await page.context().close();
    }
  });

  it("remembers that nothing is to begin by itself", async () => {
    const page = await visitor(chromium, here);
    await page.goto(`/watch/${video._id}?t=80`);
    await plays(page, 80);
    const player = page.getByRole("region", { name: "Player" });
    await player.hover();
    await player.getByRole("button", { name: "Settings" }).click();
    const choice = page.getByRole("menuitemcheckbox", { name: "Play the next by itself" });
    assert.equal(await choice.getAttribute("aria-checked"), "true");
    await choice.click();
    await page.keyboard.press("Escape");
    await page.evaluate(() => (document.querySelector("video").currentTime = 89));
    await player.getByText("Up next", { exact: true }).waitFor();
    assert.equal(await player.getByText(/Up next in/).count(), 0);
    isContent(page);
    await page.context().close();
  });

  it("gives code for other pages and files to keep", async () => {
    const page = await visitor(chromium, here);
    await page.goto(`/watch/${video._id}?t=30`);
    await plays(page, 30);
    await page.getByRole("button", { name: "Share", exact: true }).click();
    const share = page.getByRole("dialog", { name: "Share" });
    await share.getByLabel(/^Start at 0:3/).check();
    await share.getByLabel("Begin by itself, without sound").check();
    await share.getByLabel("Begin again at the end").check();
    const code = await share.getByLabel("For another page").inputValue();
    assert.match(code, /\/embed\/\w+\?t=3\d&amp;autoplay=1&amp;muted=1&amp;loop=1"/);
    await isAccessible(page, "sharing");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /^More.*Long way/ }).click();
    await page.getByRole("menuitem", { name: "Download" }).click();
    const link = page.getByRole("link", { name: /^\d+p/ }).first();
    await link.waitFor();
    await isAccessible(page, "downloads");
    const [kept] = await Promise.all([page.waitForEvent("download"), link.click()]);
    assert.match(kept.suggestedFilename(), /\.mp4$/);
    isContent(page);
    await page.context().close();
  });

  it("waits while there is no connection, and goes on when it is back", async () => {
    const page = await visitor(chromium, here);
    // So that not all of it is there before the connection is gone.
    let pieces = 0;
    let isBack = false;
    await page.route(/\/media\/.*\.(m4s|mp4)/, (route) => {
      pieces += 1;
      return pieces > 6 && !isBack ? route.abort("internetdisconnected") : route.continue();
    });
    await page.goto(`/watch/${video._id}`);
    await plays(page);
    await page.context().setOffline(true);
    await page.keyboard.press("9");
    const player = page.getByRole("region", { name: "Player" });
    await player.getByLabel("Loading").waitFor();
    await page.getByText("You are offline.").waitFor();
    assert.equal(await player.getByRole("alert").count(), 0);
    isBack = true;
    await page.context().setOffline(false);
    await plays(page, 81.2);
    await page.context().close();
  });

  it("keeps the page that is there without a connection, and brings the next one as there is one", async () => {
    const page = await visitor(chromium, here);
    await page.goto("/");
    await page.getByRole("link", { name: "Long way" }).first().waitFor();
    await page.context().setOffline(true);
    await page.getByRole("navigation").getByRole("link", { name: "Trending" }).first().click();
    await page.getByText("You are offline.").waitFor();
    await page.getByRole("link", { name: "Long way" }).first().waitFor();
    await page.context().setOffline(false);
    await page.getByRole("heading", { name: "Trending" }).waitFor();
    await page.context().close();
  });

  it("goes on with new addresses when those of a private video have ended", async () => {
    const page = await visitor(chromium, here);
    await signsIn(page, "asha");
    let asked = 0;
    await page.route(/\/api\/v1\/videos\/\w+\/playback$/, async (route) => {
      asked += 1;
      const answer = await route.fetch();
      const body = await answer.json();
      assert.ok(body.data.expiresAt, "they end");
      if (asked === 1) body.data.expiresAt = new Date(Date.now() - 1_000).toISOString();
      await route.fulfill({ response: answer, json: body });
    });
    // What was given first is soon refused, as the server does it when the time is over.
    let pieces = 0;
    await page.route(/\/media\/.*\.(m4s|mp4)/, (route) => {
      pieces += 1;
      return asked === 1 && pieces > 6 ? route.fulfill({ status: 403, body: "" }) : route.continue();
    });
    await page.goto(`/watch/${mine._id}`);
    await plays(page);
    await page.evaluate(() => {
      const video = document.querySelector("video");
      video.addEventListener("timeupdate", () => {
        window.place = Math.max(window.place ?? 0, video.currentTime);
      });
    });
    await until("new ones were asked for", () => asked === 2);
    const stoppedAt = await page.evaluate(() => window.place);
    await plays(page, stoppedAt + 1);
    // In the place where it was, not from the beginning.
    const from = await page.evaluate(() => document.querySelector("video").played.start(0));
    assert.ok(Math.abs(from - stoppedAt) < 1, `it went on at ${from} s, and had stopped at ${stoppedAt} s`);
    assert.equal(asked, 2);
    isContent(page);
    await page.context().close();
  });

  it("shows likes and views of others while they come", async () => {
    const page = await visitor(chromium, here);
    await page.goto(`/watch/${video._id}`);
    await plays(page);
    await page.getByRole("button", { name: "Like this video, 0 people do" }).waitFor();
    // What is asked for now and then would tell as well.
    await page.route(new RegExp(`/api/v1/videos/${video._id}$`), (route) => route.abort());
    const { views } = await asha.call("GET", `/api/v1/videos/${video._id}`);
    await bela.call("PUT", `/api/v1/likes/v/${video._id}`);
    await page.getByRole("button", { name: "Like this video, 1 person does" }).waitFor();
    await here.hears(video._id, crypto.randomUUID(), 0, 60);
    await until("the view is shown", async () => {
      const text = await page
        .getByText(/^\d+ views?$/)
        .first()
        .textContent();
      return Number.parseInt(text, 10) > views;
    });
    await page.context().close();
  });
});
