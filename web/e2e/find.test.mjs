// Finding by age and length, lists that are kept in order by mouse, finger and keys, pictures that are cut, and lists
// of ten thousand.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { browser, clip, isAccessible, isContent, PHONE, signsIn, site, until, visitor } from "./kit.mjs";

describe("who looks for something", () => {
  let chromium;
  let here;
  let asha;
  let videos;

  before(async () => {
    chromium = await browser();
    here = await site();
    asha = await here.person("asha");
    videos = [];
    for (const title of ["Harbour at dawn", "Harbour at noon", "Harbour at night"]) {
      videos.push(await asha.publishes(clip("short", 4, "320x180"), { title, allowDuplicate: "true" }));
    }
  });

  after(async () => {
    await chromium?.close();
    await here?.stops();
  });

  it("finds videos by length and age, with suggestions, and can send the address to others", async () => {
    const page = await visitor(chromium, here);
    await page.goto("/");
    await page.keyboard.press("/");
    await page.getByRole("combobox", { name: "Search" }).fill("harb");
    await page.getByRole("option", { name: "Harbour at noon" }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Videos", exact: true }).click();
    await page.getByLabel("Length").selectOption("short");
    await page.getByLabel("Published").selectOption("day");
    await page.waitForURL(/type=videos&within=day&length=short|length=short&within=day/);
    await until(
      "all three are there",
      async () => (await page.getByRole("main").getByRole("listitem").count()) === 3,
    );
    await isAccessible(page, "a search with filters");
    await page.getByLabel("Length").selectOption("long");
    await page.getByText("Try a longer time or another length.").waitFor();
    await page.getByRole("button", { name: "Clear 2 filters" }).click();
    await until(
      "all three are there again",
      async () => (await page.getByRole("main").getByRole("listitem").count()) === 3,
    );
    // What was looked for is remembered on this browser, until one forgets it.
    await page.getByRole("combobox", { name: "Search" }).fill("");
    await page.getByRole("option", { name: "harb" }).waitFor();
    await page.getByRole("button", { name: "Forget these searches" }).click();
    assert.equal(await page.evaluate(() => localStorage.getItem("streamsphere-searches")), "[]");
    isContent(page);
    await page.context().close();
  });

  it("goes from a tag to all videos that carry it, in either order", async () => {
    for (const video of videos.slice(0, 2)) {
      await asha.call("PATCH", `/api/v1/videos/${video._id}`, { tags: ["night fish", "sea"] });
    }
    // The older one was watched, so that the two orders differ.
    await here.hears(videos[0]._id, "viewer-of-a-tag", 0, 4);
    await until("the view counts", async () => {
      const now = await asha.call("GET", `/api/v1/videos/${videos[0]._id}`);
      return now.views > 0;
    });
    const page = await visitor(chromium, here, PHONE);
    await page.goto(`/watch/${videos[0]._id}`);
    await page.getByRole("button", { name: "Show more" }).click();
    await page.getByRole("link", { name: "#night fish" }).click();
    await page.waitForURL("**/search?tag=night%20fish");
    await page.getByRole("heading", { level: 1, name: "#night fish" }).waitFor();
    const titles = () => page.getByRole("main").getByRole("listitem").getByRole("heading").allTextContents();
    await until(
      "both are there, the newest first, and no other",
      async () => (await titles()).join() === "Harbour at noon,Harbour at dawn",
    );
    await page.getByRole("button", { name: "Most viewed" }).click();
    await page.waitForURL(/tag=night(\+|%20)fish&sort=views/);
    await until(
      "the one that was watched is the first",
      async () => (await titles()).join() === "Harbour at dawn,Harbour at noon",
    );
    await isAccessible(page, "the videos with a tag");
    const wide = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    assert.ok(wide <= 0, `${wide} pixels too wide`);
    await page.goto("/search?tag=nobody");
    await page.getByText("No videos with the tag “nobody”").waitFor();
    await page.getByRole("link", { name: "Search for “nobody” everywhere" }).click();
    await page.waitForURL("**/search?q=nobody");
    isContent(page);
    await page.context().close();
  });

  it("makes a playlist and keeps it in order by keys and by finger", async () => {
    const page = await visitor(chromium, here, PHONE);
    await signsIn(page, "asha");
    await page.goto("/playlists");
    await page.getByRole("button", { name: "New playlist" }).click();
    await page.getByLabel("Name").fill("Ports");
    await isAccessible(page, "the form of a playlist");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("heading", { name: "No videos in here" }).waitFor();
    const id = new URL(page.url()).pathname.split("/").at(-1);
    for (const video of videos) await asha.call("PATCH", `/api/v1/playlist/add/${video._id}/${id}`);
    await page.reload();
    const order = async () => {
      const now = await asha.call("GET", `/api/v1/playlist/${id}`);
      return now.videos.map((one) => one.title.split(" ").at(-1)).join();
    };
    const handle = (title) => page.getByRole("button", { name: `Move “${title}”` });
    await handle("Harbour at dawn").focus();
    await page.keyboard.press("ArrowDown");
    await until("it is the second", async () => (await order()) === "noon,dawn,night");
    assert.equal(
      await page.evaluate(() => document.activeElement?.getAttribute("aria-label")),
      "Move “Harbour at dawn”",
      "the handle keeps the focus",
    );
    // With a finger from the last to the first place.
    await handle("Harbour at dawn").evaluate((one) => one.scrollIntoView({ block: "center" }));
    const from = await handle("Harbour at night").boundingBox();
    const to = await handle("Harbour at noon").boundingBox();
    const finger = await page.context().newCDPSession(page);
    const touch = (type, box) =>
      finger.send("Input.dispatchTouchEvent", {
        type,
        touchPoints: box ? [{ x: box.x + box.width / 2, y: box.y + box.height / 2 }] : [],
      });
    await touch("touchStart", from);
    await touch("touchMove", { ...from, y: from.y - 30 });
    await touch("touchMove", to);
    await touch("touchEnd");
    await until("it is the first", async () => (await order()) === "night,noon,dawn");
    await page.getByRole("button", { name: "Edit playlist" }).click();
    await page.getByLabel("Who may see it").selectOption("public");
    await page.getByRole("button", { name: "Save" }).click();
    await until("everyone sees it", async () => {
      const now = await asha.call("GET", `/api/v1/playlist/${id}`);
      return now.visibility === "public";
    });
    await isAccessible(page, "a playlist on a phone");
    const wide = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    assert.ok(wide <= 0, `${wide} pixels too wide`);
    isContent(page);
    await page.context().close();
  });

  it("cuts a picture of oneself to the part that is wanted", async () => {
    const file = join(clip("short", 4, "320x180").replace(/[^/]+$/, ""), "portrait.png");
    execFileSync("ffmpeg", [
      ...["-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=900x600", "-frames:v", "1", file],
    ]);
    const page = await visitor(chromium, here);
    await signsIn(page, "asha");
    await page.goto("/account");
    await page.getByLabel("Change picture").last().setInputFiles(file);
    await page.getByRole("dialog", { name: "Your picture" }).waitFor();
    await page.getByLabel("Zoom").fill("2");
    await isAccessible(page, "the dialog that cuts pictures");
    await page.getByRole("button", { name: "Use this part" }).click();
    await until("the picture is square", async () => {
      const me = await asha.call("GET", "/api/v1/users/current-user");
      if (!me.avatar) return false;
      const size = await page.evaluate(async (address) => {
        const picture = await createImageBitmap(await (await fetch(address)).blob());
        return [picture.width, picture.height];
      }, me.avatar);
      return size[0] === size[1] && size[0] <= 512;
    });
    await page
      .getByLabel("Change cover")
      .last()
      .setInputFiles({
        name: "odd.png",
        mimeType: "image/png",
        buffer: await readFile(clip("short", 4, "320x180")),
      });
    await page.getByText("odd.png is no picture that can be read here.").waitFor();
    isContent(page);
    await page.context().close();
  });

  it("scrolls through ten thousand videos, of which only some are ever in the page", async () => {
    const page = await visitor(chromium, here);
    const MOST = 10_000;
    const sample = await asha.call("GET", `/api/v1/videos/${videos[0]._id}`);
    // Ten thousand answers of the server's own form.
    await page.route("**/api/v1/videos?*", (route) => {
      const query = new URL(route.request().url()).searchParams;
      const start = Number(query.get("cursor") || 0);
      // Larger pages than the server's, or getting there would be all that is tried.
      const size = 400;
      const items = Array.from({ length: Math.min(size, MOST - start) }, (_, n) => ({
        ...sample,
        _id: (start + n).toString(16).padStart(24, "0"),
        title: `Video ${start + n + 1}`,
      }));
      const nextCursor = start + size < MOST ? `${start + size}` : null;
      return route.fulfill({
        json: { success: true, statusCode: 200, message: "", data: { items, nextCursor } },
      });
    });
    await page.goto("/");
    await page.getByText("Video 1", { exact: true }).waitFor();
    // Every frame is looked at once it was laid out: how many items are in the page, how many of them in the window.
    await page.evaluate(() => {
      globalThis.seen = { frames: 0, slow: 0, most: 0, empty: 0 };
      let last = performance.now();
      const look = (now) => {
        const { seen } = globalThis;
        seen.frames += 1;
        if (now - last > 50) seen.slow += 1;
        last = now;
        const items = [...document.querySelectorAll('main [role="listitem"]')];
        seen.most = Math.max(seen.most, items.length);
        const inSight = items.some((one) => {
          const { top, bottom } = one.getBoundingClientRect();
          return bottom > 0 && top < window.innerHeight;
        });
        if (!inSight) seen.empty += 1;
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    const settled = () =>
      page.evaluate(
        () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(null)))),
      );
    const inSight = () =>
      page.evaluate(() =>
        [...document.querySelectorAll('main [role="listitem"]')].some((one) => {
          const { top, bottom } = one.getBoundingClientRect();
          return bottom > 0 && top < window.innerHeight;
        }),
      );
    // First as people do, by the wheel: no frame may show a window without a video.
    await page.mouse.move(800, 500);
    for (let turn = 0; turn < 100; turn += 1) {
      await page.mouse.wheel(0, 400);
      await settled();
    }
    const wheel = await page.evaluate(() => ({ ...globalThis.seen, y: window.scrollY }));
    assert.ok(wheel.y > 10_000, `the wheel came to ${wheel.y} pixels`);
    assert.equal(wheel.empty, 0, "while the wheel turned, there was always a video in the window");
    // Then to the end by the key for it. A leap may be drawn a frame late, but is filled then.
    await until("the last one is there", async () => {
      await page.keyboard.press("End");
      await settled();
      await until("the window is filled", inSight);
      return (await page.getByText(`Video ${MOST}`, { exact: true }).count()) > 0;
    });
    await page.getByText(`Video ${MOST}`, { exact: true }).scrollIntoViewIfNeeded();
    const { frames, slow, most, empty } = await page.evaluate(() => globalThis.seen);
    assert.ok(most <= 60, `${most} items were in the page at once`);
    console.log(
      `Ten thousand videos: at most ${most} in the page, ${slow} of ${frames} frames over 50 ms, ${empty} frames empty after leaps`,
    );
    isContent(page);
    await page.context().close();
  });
});
