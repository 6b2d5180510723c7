// The player in a page of another site.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";
import { browser, clip, isAccessible, isContent, signsIn, site, until, visitor } from "./kit.mjs";

describe("an embed", () => {
  let chromium;
  let here;
  let asha;
  let video;
  let blog;

  before(async () => {
    chromium = await browser();
    here = await site();
    asha = await here.person("asha");
    video = await asha.publishes(clip("short", 10, "320x180"), { title: "Harbour" });
    // Another origin: pages that show whatever frame their address names.
    blog = createServer((request, response) => {
      const frame = new URL(request.url, "http://blog").searchParams.get("frame");
      response.setHeader("Content-Type", "text/html");
      response.end(
        `<!doctype html><html lang="en"><title>A blog</title><h1>A blog</h1><iframe title="Video" src="${frame}" width="640" height="360" allow="autoplay; fullscreen"></iframe>`,
      );
    });
    await new Promise((resolve) => blog.listen(0, "127.0.0.1", resolve));
  });

  after(async () => {
    blog?.close();
    await chromium?.close();
    await here?.stops();
  });

  /** A blog's page with this embed in it. */
  async function shown(path, options = {}) {
    const page = await visitor(chromium, here, options);
    const frame = encodeURIComponent(`${here.url}${path}`);
    await page.goto(`http://127.0.0.1:${blog.address().port}/?frame=${frame}`);
    return { page, frame: page.frameLocator("iframe") };
  }

  const time = (frame) => frame.locator("video").evaluate((one) => one.currentTime);

  it("waits for a click, begins at the time of its address, and is counted as such", async () => {
    const { page, frame } = await shown(`/embed/${video._id}?t=2`);
    await frame.getByRole("button", { name: "Play (k)" }).first().waitFor();
    const link = frame.getByRole("link", { name: /Harbour.*Watch on/ });
    assert.equal(await link.getAttribute("href"), `${here.url}/watch/${video._id}`);
    await isAccessible(page, "an embed");
    await frame.getByRole("button", { name: "Play (k)" }).first().click();
    await until("it plays from there on", async () => (await time(frame)) > 2.5);
    await until("it has ended", () => frame.locator("video").evaluate((one) => one.ended));
    // It stays where it is: nothing of this site comes next in a page of another.
    await frame.getByRole("button", { name: "Replay" }).waitFor();
    await until("the view is told apart", async () => {
      const top = await asha.call("GET", "/api/v1/dashboard/top?by=source");
      return top.items.some((one) => one.name === "embed" && one.views === 1);
    });
    isContent(page);
    await page.context().close();
  });

  it("begins by itself, without sound and controls, where its address says so", async () => {
    const { page, frame } = await shown(`/embed/${video._id}?autoplay=1&muted=1&loop=1&controls=0`);
    await until("it plays", async () => (await time(frame)) > 0.5);
    const { muted, loop } = await frame.locator("video").evaluate(({ muted, loop }) => ({ muted, loop }));
    assert.deepEqual({ muted, loop }, { muted: true, loop: true });
    assert.equal(await frame.getByRole("slider").count(), 0);
    isContent(page);
    await page.context().close();
  });

  it("does nothing in the name of whoever is signed in", async () => {
    await here.person("bela");
    const page = await visitor(chromium, here);
    await signsIn(page, "bela");
    const told = page.waitForRequest((one) => one.url().endsWith("/views"));
    // Of its own site it would be sent the cookies of the site.
    await page.goto(`/embed/${video._id}?autoplay=1&muted=1`);
    assert.equal((await (await told).allHeaders()).cookie, undefined);
    isContent(page);
    await page.context().close();
  });

  it("says what is the matter where there is nothing to play", async () => {
    const hidden = await asha.publishes(clip("short", 4, "320x180"), {
      title: "Mine alone",
      visibility: "private",
    });
    const { page, frame } = await shown(`/embed/${hidden._id}`);
    await frame.getByText("This video is not available.").waitFor();
    isContent(page);
    await page.context().close();
  });

  it("plays without scripts as well", async () => {
    const page = await visitor(chromium, here, { javaScriptEnabled: false });
    const response = await page.goto(`/embed/${video._id}`);
    assert.match(response.headers()["content-security-policy"], /frame-ancestors \*/);
    await page.locator("noscript video, video").first().waitFor({ state: "attached" });
    const policy = (await page.goto(`/watch/${video._id}`)).headers()["content-security-policy"];
    assert.match(policy, /frame-ancestors 'none'/);
    await page.context().close();
  });
});
