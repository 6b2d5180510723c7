// Bringing a video, with the connection lost on the way, and what is made of it.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { browser, clip, isAccessible, isContent, signsIn, site, until, visitor } from "./kit.mjs";

describe("an upload", () => {
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

  it("goes on after the connection was lost, and becomes a video with the details that were written meanwhile", async () => {
    const page = await visitor(chromium, here);
    await signsIn(page, "asha");
    await page.goto("/upload");
    await isAccessible(page, "the empty page for uploads");
    // The first request with bytes is cut.
    let cuts = 0;
    await page.route("**/api/v1/uploads/*", (route) => {
      if (route.request().method() === "PATCH" && cuts === 0) {
        cuts += 1;
        return route.abort("connectionreset");
      }
      return route.continue();
    });
    await page
      .getByLabel("Choose files")
      .last()
      .setInputFiles(clip("numbers", 8, "640x360"));
    const card = page.getByRole("region", { name: /numbers/ });
    await card.getByLabel("Title").fill("A day by the sea");
    await card.getByLabel("Description").fill("0:00 Morning\n0:03 Noon\n0:06 Night");
    await isAccessible(page, "an upload under way");
    await card.getByRole("link", { name: "Open its page" }).waitFor();
    assert.equal(cuts, 1, "the connection was lost once");
    const save = card.getByRole("button", { name: "Save", exact: true });
    const saved = card.getByRole("button", { name: "Saved" });
    // What was written before the last byte came is sent by itself, just when one may be about to press the button.
    await until("the details are saved", async () => {
      if (!(await saved.isVisible())) await save.click({ timeout: 2_000 }).catch(() => {});
      return saved.isVisible();
    });
    await card.getByText("Ready", { exact: true }).waitFor({ timeout: 300_000 });
    const { docs } = await asha.call("GET", "/api/v1/videos?query=sea");
    assert.equal(docs.length, 1, "one video was made, and everyone finds it");
    assert.equal(docs[0].visibility, "public");

    await page.goto(`/studio/videos/${docs[0]._id}`);
    await page.getByRole("heading", { name: "Edit video" }).waitFor();
    await page
      .getByRole("button", { name: /^Frame at/ })
      .first()
      .waitFor();
    await isAccessible(page, "the page where a video is edited");
    await page.getByLabel("Title").fill("Two days by the sea");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await until("the new title is there", async () => {
      const now = await asha.call("GET", `/api/v1/videos/${docs[0]._id}`);
      return now.title === "Two days by the sea";
    });
    isContent(page);
    await page.context().close();
  });
});
