// Bringing several videos, one of them in two goes; subtitles written beside a video; another file for it.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { browser, clip, isAccessible, isContent, PHONE, signsIn, site, until, visitor } from "./kit.mjs";

describe("who makes videos", () => {
  let chromium;
  let here;
  let asha;

  before(async () => {
    chromium = await browser();
    here = await site();
    asha = await here.person("asha");
  });

  after(async () => {
    await chromium?.close();
    await here?.stops();
  });

  const mine = async () => {
    const me = await asha.call("GET", "/api/v1/users/current-user");
    return (await asha.call("GET", `/api/v1/videos?userId=${me._id}&limit=50`)).docs;
  };

  it("uploads two at once, and goes on with the file that a closed window had stopped", async () => {
    const page = await visitor(chromium, here);
    await signsIn(page, "asha");
    await page.goto("/upload");
    // One of the two gets no bytes through, until the page is loaded again.
    let isStuck = true;
    let stuck = null;
    await page.route("**/api/v1/uploads/*", (route) => {
      const request = route.request();
      stuck ??= request.method() === "PATCH" ? request.url() : null;
      if (isStuck && request.method() === "PATCH" && request.url() === stuck)
        return route.abort("connectionreset");
      return route.continue();
    });
    const files = [clip("first", 5, "320x180"), clip("second", 6, "320x180")];
    const input = page.getByLabel("Choose files").last();
    await input.setInputFiles(files);
    const first = page.getByRole("region", { name: /^first/ });
    const second = page.getByRole("region", { name: /^second/ });
    await first.or(second).getByRole("link", { name: "Open its page" }).waitFor();
    await page.getByRole("link", { name: /^Uploads: \d+ %$/ }).waitFor();

    page.on("dialog", (dialog) => dialog.accept());
    await page.reload();
    const left = page.getByRole("region", { name: "Not finished" });
    await left.waitFor();
    await isAccessible(page, "an upload that was not finished");
    isStuck = false;
    const name = (await left.getByRole("listitem").textContent()).startsWith("first") ? 0 : 1;
    await left
      .getByLabel(/^Choose the file/)
      .last()
      .setInputFiles(files[name]);
    const again = page.getByRole("region", { name: name === 0 ? /^first/ : /^second/ });
    await again.getByRole("link", { name: "Open its page" }).waitFor();
    await again.getByLabel("Title").fill("In two goes");
    await again.getByRole("switch", { name: "Keep the original file" }).uncheck();
    await again.getByRole("button", { name: /^Save/ }).click();
    await again.getByText("Poster and subtitles", { exact: true }).click();
    await again
      .getByRole("button", { name: /^Frame at/ })
      .first()
      .waitFor();
    await isAccessible(page, "poster and subtitles beside an upload");
    await until("both videos are there", async () => {
      const all = await mine();
      return all.length === 2 && all.some((one) => one.title === "In two goes" && one.keepOriginal === false);
    });
    isContent(page);
    await page.context().close();
  });

  it("is told when the same file was uploaded before, and may upload it all the same", async () => {
    const page = await visitor(chromium, here);
    await signsIn(page, "asha");
    await page.goto("/upload");
    await page
      .getByLabel("Choose files")
      .last()
      .setInputFiles(clip("first", 5, "320x180"));
    const card = page.getByRole("region", { name: /^first/ });
    await card.getByText("You uploaded this file already.").waitFor();
    assert.equal((await mine()).length, 2);
    await isAccessible(page, "a file that was uploaded before");
    await card.getByRole("button", { name: "Upload it as a second video" }).click();
    await card.getByRole("link", { name: "Open its page" }).waitFor();
    assert.equal((await mine()).length, 3);
    isContent(page);
    await page.context().close();
  });

  it("writes subtitles beside the video, which are shown and found", async () => {
    const video = await asha.publishes(clip("talk", 8, "640x360"), { title: "A talk" });
    const page = await visitor(chromium, here);
    await signsIn(page, "asha");
    await page.goto(`/studio/videos/${video._id}`);
    await page.getByLabel("Language", { exact: true }).selectOption("en");
    await page.getByRole("button", { name: "Write" }).click();
    await page.getByRole("heading", { name: "Subtitles: English" }).waitFor();
    await page.getByRole("button", { name: "Add a cue" }).click();
    await page.getByLabel("Words of cue 1").fill("Lighthouses are patient");
    await page.getByLabel("End of cue 1", { exact: true }).fill("0:03.5");
    await page.keyboard.press("Enter");
    await page.evaluate(() => (document.querySelector("video").currentTime = 4));
    await page.keyboard.press("Alt+a");
    await page.getByLabel("Words of cue 2").fill("and so are we");
    await page.getByRole("button", { name: "Delete cue 2" }).click();
    await page.keyboard.press("Control+z");
    assert.equal(await page.getByLabel("Words of cue 2").inputValue(), "and so are we");
    await isAccessible(page, "the editor of subtitles");
    // What is not saved yet survives a page that is loaded again.
    page.on("dialog", (dialog) => dialog.accept());
    await page.reload();
    await page.getByText("What you had not saved is still here.").waitFor();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("button", { name: "Saved", exact: true }).waitFor();

    await page.goto(`/watch/${video._id}?t=1`);
    await page.getByRole("button", { name: "Subtitles (c)" }).click();
    await page.getByText("Lighthouses are patient").waitFor();
    await until("the words are found", async () => {
      const found = await asha.call("GET", "/api/v1/search?q=patient&type=captions");
      return found.items.length === 1;
    });
    isContent(page);
    await page.context().close();
  });

  it("opens a long file of subtitles, of which only what is in sight is on the page", async () => {
    const [video] = await mine();
    const page = await visitor(chromium, here, PHONE);
    await signsIn(page, "asha");
    await page.goto(`/studio/videos/${video._id}/captions/de`);
    await page.getByRole("heading", { name: "No subtitles yet" }).waitFor();
    const time = (second) => new Date(second * 1000).toISOString().slice(11, 23);
    const cues = Array.from({ length: 2000 }, (_, n) => `${time(n)} --> ${time(n + 1)}\nNumber ${n + 1}\n`);
    await page
      .getByLabel("Open a file")
      .last()
      .setInputFiles({
        name: "film.vtt",
        mimeType: "text/vtt",
        buffer: Buffer.from(`WEBVTT\n\n${cues.join("\n")}`),
      });
    await page.getByText("2000 cues").waitFor();
    assert.ok((await page.getByRole("article").count()) < 30, "only some rows are there");
    await page.getByLabel("Find words").fill("Number 1999");
    await page.getByLabel("Words of cue 1999").waitFor();
    await isAccessible(page, "the editor on a phone");
    const wide = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    assert.ok(wide <= 0, `${wide} pixels too wide`);
    isContent(page);
    await page.context().close();
  });

  it("shows chapters while they are written, and asks before changes are lost", async () => {
    const [video] = await mine();
    const page = await visitor(chromium, here, PHONE);
    await signsIn(page, "asha");
    await page.goto("/studio/videos");
    await page.goto(`/studio/videos/${video._id}`);
    const words = page.getByLabel("Description");
    await words.fill("0:00 Morning\n0:02 Noon");
    await page.getByText("No chapters yet: at least three are needed.").waitFor();
    await words.fill("0:00 Morning\n0:02 Noon\n0:04 Night");
    await page.getByText("3 chapters", { exact: true }).click();
    await page.getByRole("listitem").filter({ hasText: "Night" }).waitFor();
    await isAccessible(page, "editing a video on a phone");
    await page.getByRole("link", { name: "Analytics" }).click();
    const asked = page.getByRole("dialog", { name: "Leave without saving?" });
    await asked.waitFor();
    await isAccessible(page, "the question before leaving");
    await asked.getByRole("button", { name: "Stay" }).click();
    await asked.waitFor({ state: "hidden" });
    assert.match(await words.inputValue(), /Night/);
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await until("the description is there", async () => {
      const now = await asha.call("GET", `/api/v1/videos/${video._id}`);
      return now.description.endsWith("0:04 Night");
    });
    await page.getByText("Saved.", { exact: true }).first().waitFor();
    await page.getByRole("link", { name: "Analytics" }).click();
    await page.waitForURL(/analytics$/);
    isContent(page);
    await page.context().close();
  });

  it("gives a video another file, and nothing else of it changes", async () => {
    const [video] = await mine();
    await until("it is ready", async () => {
      const now = await asha.call("GET", `/api/v1/videos/${video._id}`);
      return now.status === "ready";
    });
    const page = await visitor(chromium, here);
    await signsIn(page, "asha");
    await page.goto(`/studio/videos/${video._id}`);
    await page
      .getByLabel("Replace the file")
      .last()
      .setInputFiles(clip("longer", 11, "320x180"));
    await until("the new file is what plays", async () => {
      const now = await asha.call("GET", `/api/v1/videos/${video._id}`);
      return Math.round(now.duration) === 11 && now.title === video.title;
    });
    isContent(page);
    await page.context().close();
  });
});
