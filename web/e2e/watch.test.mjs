// From an account to a video that plays, is liked and talked about.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { browser, clip, isAccessible, isContent, PASSWORD, signsIn, site, until, visitor } from "./kit.mjs";

const DESCRIPTION = "0:00 Begin\n0:04 Middle\n0:08 End\nMore at https://example.org and by @asha";

describe("a video", () => {
  let chromium;
  let here;
  let asha;
  let video;

  before(async () => {
    chromium = await browser();
    here = await site();
    asha = await here.person("asha");
    video = await asha.publishes(clip("numbers"), { title: "Moving numbers", description: DESCRIPTION });
  });

  after(async () => {
    await chromium?.close();
    await here?.stops();
  });

  it("is found on the first page and plays for somebody who is not signed in", async () => {
    const page = await visitor(chromium, here);
    await page.goto("/");
    await page.getByRole("link", { name: "Moving numbers" }).click();
    await page.getByRole("heading", { name: "Moving numbers" }).waitFor();
    const time = () => page.evaluate(() => document.querySelector("video")?.currentTime ?? 0);
    await until("it plays", async () => (await time()) > 1);
    await isAccessible(page, "the page of a video");
    // A time in the description leads there.
    await page.getByRole("button", { name: "Show more" }).click();
    await page.getByRole("button", { name: "0:08" }).click();
    await until("it went there", async () => (await time()) >= 8);
    isContent(page);
    await page.context().close();
  });

  it("is shown in another quality when one asks for it", async () => {
    const page = await visitor(chromium, here);
    await page.goto(`/watch/${video._id}`);
    const height = () => page.evaluate(() => document.querySelector("video")?.videoHeight ?? 0);
    await until("it plays", async () => (await height()) > 0);
    const player = page.getByRole("region", { name: "Player" });
    await player.hover();
    await player.getByRole("button", { name: "Settings" }).click();
    await page.getByRole("menuitem", { name: "Quality" }).click();
    await page.getByRole("menuitemradio", { name: "240p" }).click();
    await until("it is shown in 240 lines", async () => (await height()) === 240);
    isContent(page);
    await page.context().close();
  });

  it("shows subtitles, and is found by what is said in it", async () => {
    const form = new FormData();
    const cues = "WEBVTT\n\n00:00.000 --> 00:11.000\nA lighthouse <b>blinks</b>\n";
    form.set("captions", new Blob([cues], { type: "text/vtt" }), "en.vtt");
    form.set("label", "English");
    await asha.call("PUT", `/api/v1/videos/${video._id}/captions/en`, form);
    const page = await visitor(chromium, here, { colorScheme: "light" });
    await page.goto(`/watch/${video._id}`);
    const player = page.getByRole("region", { name: "Player" });
    await player.getByRole("button", { name: "Subtitles" }).click();
    await player.getByText("A lighthouse blinks").waitFor();
    await isAccessible(page, "the page of a video with subtitles, light");
    await until("search knows the words", async () => {
      await page.goto("/search?q=lighthouse&type=captions");
      const found = page.getByRole("link", { name: "Moving numbers" });
      return found.waitFor({ timeout: 2_000 }).then(
        () => true,
        () => false,
      );
    });
    await page.getByText("Said at 0:00").waitFor();
    isContent(page);
    await page.context().close();
  });

  it("is liked and talked about by somebody who has just signed up", async () => {
    const page = await visitor(chromium, here);
    await page.goto(`/watch/${video._id}`);
    await page.getByRole("link", { name: "Sign in to comment." }).click();
    await page.getByRole("link", { name: "Create an account" }).click();
    await isAccessible(page, "the form to sign up");
    await page.getByLabel("Name", { exact: true }).fill("Bela");
    await page.getByLabel("Username").fill("bela");
    await page.getByLabel("Email").fill("bela@example.org");
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Create account" }).click();
    // Back where they came from.
    await page.waitForURL(`**/watch/${video._id}`);
    await page.getByRole("button", { name: /^Like this video/ }).click();
    await page.getByRole("button", { name: "Like this video, 1 person does", pressed: true }).waitFor();
    await page.getByRole("textbox", { name: "Add a comment" }).fill("What a clip! See 0:04.");
    await page.getByRole("button", { name: "Comment", exact: true }).click();
    await page.getByText("What a clip!").waitFor();
    await page.getByRole("heading", { name: "1 comment" }).waitFor();
    await isAccessible(page, "the page of a video with a comment");
    const now = await asha.call("GET", `/api/v1/videos/${video._id}`);
    assert.equal(now.likesCount, 1);
    assert.equal(now.commentsCount, 1);
    isContent(page);
    await page.context().close();
  });

  it("goes on where one stopped", async () => {
    const page = await visitor(chromium, here);
    await signsIn(page, "asha");
    await page.goto(`/watch/${video._id}?t=5`);
    const time = () => page.evaluate(() => document.querySelector("video")?.currentTime ?? 0);
    await until("it plays from there", async () => (await time()) > 6);
    await page.goto("/history");
    await page.getByRole("link", { name: "Moving numbers" }).waitFor();
    await isAccessible(page, "the history");
    const { resumeAt } = await asha.call("GET", `/api/v1/videos/${video._id}`);
    assert.ok(resumeAt >= 5, `it was told where one stopped: ${resumeAt}`);
    await page.goto(`/watch/${video._id}`);
    await page.getByText(/^Going on at 0:0/).waitFor();
    isContent(page);
    await page.context().close();
  });
});
