// What is said, who decides about it, and the table of one's own videos.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { browser, clip, isAccessible, isContent, signsIn, site, until, visitor } from "./kit.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** Fails where a page is wider than its window. */
async function fits(page, what) {
  const [inside, window] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  assert.ok(inside <= window, `${what} is ${inside} wide in a window of ${window}`);
}

describe("what people say", () => {
  let chromium;
  let here;
  let asha;
  let bela;
  let talk;

  before(async () => {
    chromium = await browser();
    here = await site();
    asha = await here.person("asha");
    bela = await here.person("bela");
    talk = await asha.publishes(clip("short", 4, "320x180"), { title: "Talk" });
  });

  after(async () => {
    await chromium?.close();
    await here?.stops();
  });

  const say = (who, content, parent) =>
    who.call("POST", `/api/v1/comments/${talk._id}`, { content, ...(parent ? { parent } : {}) });
  const mode = (commentsMode) =>
    asha.call("PATCH", `/api/v1/videos/${talk._id}/comment-settings`, { commentsMode });
  const held = async () => (await asha.call("GET", "/api/v1/comments/held")).items.map((one) => one.content);

  it("waits where the channel wants it to, is shown to its author, and to all once it was approved", async () => {
    const creator = await visitor(chromium, here);
    await signsIn(creator, "asha");
    await creator.goto("/studio/comments?part=settings");
    await creator.getByRole("radio", { name: "All" }).check();
    await isAccessible(creator, "the settings of comments");
    await creator.getByRole("button", { name: "Save" }).click();
    await creator.getByText("Saved.").waitFor();

    const viewer = await visitor(chromium, here);
    await signsIn(viewer, "bela");
    await viewer.goto(`/watch/${talk._id}`);
    await viewer.getByRole("textbox", { name: "Add a comment" }).fill("The first word");
    await viewer.getByRole("button", { name: "Comment", exact: true }).click();
    await viewer.getByText("Waits for approval. Only you see it.").waitFor();
    await isAccessible(viewer, "a comment of one's own that waits");
    for (const text of ["The second word", "The third word"]) await say(bela, text);
    assert.equal((await asha.call("GET", `/api/v1/comments/${talk._id}`)).docs.length, 0);

    await creator.goto("/studio/comments");
    await creator.getByText("3 comments wait").waitFor();
    assert.equal(await creator.getByText("All comments wait").count(), 3, "why they wait");
    await isAccessible(creator, "comments that wait");
    await creator.getByRole("checkbox", { name: "Select all, up to 100" }).check();
    await creator.getByText("3 selected").waitFor();
    await isAccessible(creator, "comments that wait, selected");
    await creator.getByRole("button", { name: "Approve", exact: true }).click();
    await creator.getByText("3 comments approved.").waitFor();
    await creator.getByRole("heading", { name: "Nothing waits" }).waitFor();

    for (const text of ["The first word", "The second word", "The third word"])
      await viewer.getByRole("listitem").filter({ hasText: text }).waitFor();
    await viewer.getByText("Waits for approval.").first().waitFor({ state: "hidden" });
    for (const page of [creator, viewer]) {
      isContent(page);
      await page.context().close();
    }
  });

  it("is refused by keys, and comes back where that was a mistake", async () => {
    await say(bela, "Buy my boats");
    const page = await visitor(chromium, here);
    await signsIn(page, "asha");
    await page.goto("/studio/comments");
    const box = page.getByRole("checkbox", { name: "Select the comment by Bela" });
    await box.focus();
    await page.keyboard.press("r");
    await box.waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Undo" }).click();
    await box.waitFor();
    assert.deepEqual(await held(), ["Buy my boats"]);
    await box.focus();
    await page.keyboard.press("Delete");
    await page.getByText("1 comment removed.").waitFor();
    await page.getByRole("button", { name: "Close" }).click();
    await until("it is gone", async () => (await held()).length === 0);
    isContent(page);
    await page.context().close();
    await asha.call("PATCH", "/api/v1/users/comment-settings", { approval: "none" });
  });

  it("cannot be said where comments are off, and the page says so", async () => {
    const creator = await visitor(chromium, here);
    await signsIn(creator, "asha");
    await creator.goto(`/studio/videos/${talk._id}`);
    const field = creator.getByRole("combobox", { name: "Comments" });
    await field.click();
    await creator.getByRole("option", { name: "Off" }).click();
    await creator.getByText("Nobody can comment. What was said stays.").waitFor();
    await creator.getByText("Saved.").waitFor();
    const viewer = await visitor(chromium, here);
    await signsIn(viewer, "bela");
    await viewer.goto(`/watch/${talk._id}`);
    await viewer.getByText("Comments are off").waitFor();
    assert.equal(await viewer.getByRole("textbox", { name: "Add a comment" }).count(), 0);
    await viewer.getByRole("listitem").filter({ hasText: "The first word" }).waitFor();
    assert.equal(await viewer.getByRole("button", { name: "Reply" }).count(), 0);

    // Switched off while somebody writes.
    await mode("on");
    await viewer.reload();
    await viewer.getByRole("textbox", { name: "Add a comment" }).fill("Too late");
    await mode("off");
    await viewer.getByRole("button", { name: "Comment", exact: true }).click();
    await viewer.getByText("Comments are off").waitFor();
    await mode("on");
    for (const page of [creator, viewer]) {
      isContent(page);
      await page.context().close();
    }
  });

  it("is brought into sight by a link to it, wherever it stands, and found by its words", async () => {
    const top = await say(bela, "An old question about looms");
    const replies = [];
    for (let number = 1; number <= 25; number += 1)
      replies.push(await say(asha, `Answer ${number}`, top._id));
    for (let number = 1; number <= 25; number += 1) await say(bela, `Later ${number}`);
    const last = replies.at(-1);
    for (const options of [{}, PHONE]) {
      const page = await visitor(chromium, here, options);
      // Another page was in this tab: the browser would put this one where that one stood.
      await page.goto("/");
      await page.goto(`/watch/${talk._id}?comment=${last._id}`);
      const linked = page.locator(`#comment-${last._id}`);
      await linked.waitFor();
      let inSight = 0;
      await until("it is in sight, and stays there", async () => {
        const box = await linked.boundingBox();
        const isSeen = box && box.y >= 0 && box.y + box.height <= page.viewportSize().height;
        inSight = isSeen ? inSight + 1 : 0;
        return inSight === 8;
      });
      assert.equal(await linked.getAttribute("data-linked"), "true");
      await page.getByRole("region", { name: "Linked comment" }).getByText("looms").waitFor();
      await isAccessible(page, "a linked comment");
      await fits(page, "a watch page with a linked comment");
      await page.getByRole("button", { name: "Show all comments" }).click();
      await linked.waitFor({ state: "hidden" });
      await page.getByRole("searchbox", { name: "Search comments" }).fill("looms");
      await page.waitForURL(/find=looms/);
      await page.getByText("Later 25").waitFor({ state: "hidden" });
      await page.getByText("An old question about looms").waitFor();
      isContent(page);
      await page.context().close();
    }
    const page = await visitor(chromium, here);
    await page.goto(`/watch/${talk._id}?comment=0123456789abcdef01234567`);
    await page.getByText("The comment that this link leads to is not there any more.").waitFor();
    isContent(page);
    await page.context().close();
  });

  it("is taken from nobody whom the channel has blocked", async () => {
    const creator = await visitor(chromium, here);
    await signsIn(creator, "asha");
    await creator.goto("/@bela");
    await creator.getByRole("button", { name: "More about Bela" }).click();
    await creator.getByRole("menuitem", { name: "Report" }).waitFor();
    await creator.getByRole("menuitem", { name: "Block Bela" }).click();
    await creator.getByText("Bela is blocked.").waitFor();

    const viewer = await visitor(chromium, here);
    await signsIn(viewer, "bela");
    await viewer.goto(`/watch/${talk._id}`);
    await viewer.getByRole("textbox", { name: "Add a comment" }).fill("Let me in");
    await viewer.getByRole("button", { name: "Comment", exact: true }).click();
    await viewer.getByText("You cannot comment here.").waitFor();

    await creator.goto("/account/blocks");
    await creator.getByRole("link", { name: "Bela", exact: true }).waitFor();
    await isAccessible(creator, "blocked people");
    await creator.getByRole("button", { name: "Unblock Bela" }).click();
    await creator.getByRole("heading", { name: "Nobody is blocked" }).waitFor();
    await viewer.getByRole("button", { name: "Comment", exact: true }).click();
    await viewer.getByRole("listitem").filter({ hasText: "Let me in" }).waitFor();
    for (const page of [creator, viewer]) {
      isContent(page);
      await page.context().close();
    }
  });

  it("can be changed, and taken back for a moment when it was deleted", async () => {
    await bela.call("POST", "/api/v1/tweets", { content: "A tweet with a tpyo" });
    const me = await bela.call("GET", "/api/v1/users/current-user");
    const page = await visitor(chromium, here);
    await signsIn(page, "bela");
    await page.goto("/@bela/tweets");
    const more = page.getByRole("button", { name: "More about the tweet by Bela" });
    await more.click();
    await page.getByRole("menuitem", { name: "Edit" }).click();
    await page.getByRole("textbox", { name: "Text of the tweet" }).fill("A tweet without a typo");
    await page.getByRole("button", { name: "Save" }).click();
    const tweet = page.getByRole("listitem").filter({ hasText: "A tweet without a typo" });
    await tweet.waitFor();
    await isAccessible(page, "one's own tweets");
    await more.click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await tweet.waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Undo" }).click();
    await tweet.waitFor();
    await more.click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await page.getByText("Tweet deleted.").waitFor();
    // Leaving the page is no way back.
    await page.goto("/@bela/about");
    await until("the tweet is gone", async () => {
      const left = await bela.call("GET", `/api/v1/tweets/user/${me._id}`);
      return left.length === 0;
    });
    isContent(page);
    await page.context().close();
  });

  it("has those who listen: subscribers, and the channels that one follows", async () => {
    const me = await asha.call("GET", "/api/v1/users/current-user");
    await bela.call("PUT", `/api/v1/subscriptions/c/${me._id}`);
    for (const options of [{}, PHONE]) {
      const creator = await visitor(chromium, here, options);
      await signsIn(creator, "asha");
      await creator.goto("/studio/subscribers");
      await creator.getByRole("link", { name: "Bela", exact: true }).waitFor();
      await isAccessible(creator, "subscribers");
      await fits(creator, "subscribers");
      await creator.goto("/studio/comments?part=settings");
      await creator.getByRole("radio", { name: "All" }).waitFor();
      await fits(creator, "the settings of comments");
      await isAccessible(creator, "the settings of comments");
      isContent(creator);
      await creator.context().close();
      const viewer = await visitor(chromium, here, options);
      await signsIn(viewer, "bela");
      await viewer.goto("/following");
      await viewer.getByRole("listitem").filter({ hasText: "Asha" }).getByRole("button").waitFor();
      await isAccessible(viewer, "channels that one follows");
      await fits(viewer, "channels that one follows");
      isContent(viewer);
      await viewer.context().close();
    }
  });
});

describe("the table of one's own videos", () => {
  let chromium;
  let here;
  let asha;

  before(async () => {
    chromium = await browser();
    here = await site();
    asha = await here.person("asha");
    for (const title of ["Anchors", "Boats", "Canals", "Docks"])
      await asha.publishes(clip("short", 4, "320x180"), { title, allowDuplicate: "true" });
  });

  after(async () => {
    await chromium?.close();
    await here?.stops();
  });

  const standing = async () => {
    const all = await asha.call("GET", "/api/v1/dashboard/videos");
    return Object.fromEntries(all.map((one) => [one.title, one.visibility]));
  };
  const titles = (page) => page.getByRole("row").getByRole("link").allTextContents();

  it("is ordered, searched and narrowed by its address", async () => {
    const page = await visitor(chromium, here);
    await signsIn(page, "asha");
    await page.goto("/studio/videos");
    await page.getByRole("row").filter({ hasText: "Anchors" }).waitFor();
    assert.deepEqual(await titles(page), ["Docks", "Canals", "Boats", "Anchors"]);
    await isAccessible(page, "the table of videos");
    await page.getByRole("button", { name: "Video", exact: true }).click();
    await page.waitForURL(/sort=title&dir=up/);
    await until("it is in order", async () => (await titles(page)).join() === "Anchors,Boats,Canals,Docks");
    assert.equal(
      await page.getByRole("columnheader", { name: "Video" }).getAttribute("aria-sort"),
      "ascending",
    );
    await page.getByRole("searchbox", { name: "Search your videos" }).fill("canals");
    await page.waitForURL(/q=canals/);
    await until("one is left", async () => (await titles(page)).join() === "Canals");
    await page.goto("/studio/videos?show=private");
    await page.getByRole("heading", { name: "No video fits" }).waitFor();
    await page.getByRole("link", { name: /used/ }).click();
    await page.waitForURL("**/account/storage");
    isContent(page);
    await page.context().close();
  });

  it("changes several at once, tells what did not go, and takes it back", async () => {
    const page = await visitor(chromium, here);
    await signsIn(page, "asha");
    await page.goto("/studio/videos");
    await page.getByRole("checkbox", { name: "Select “Docks”" }).check();
    await page.getByRole("checkbox", { name: "Select “Boats”" }).click({ modifiers: ["Shift"] });
    await page.getByText("3 selected").waitFor();
    await isAccessible(page, "the table with some selected");
    // One is refused the first time.
    let refused = 0;
    await page.route("**/api/v1/videos/*", (route) => {
      if (route.request().method() !== "PATCH" || refused > 0) return route.continue();
      refused += 1;
      return route.fulfill({ status: 409, json: { code: "busy", message: "Not now." } });
    });
    await page.getByRole("button", { name: "Visibility" }).click();
    await page.getByRole("menuitem", { name: "Private" }).click();
    await page.getByText("2 videos are private now.").waitFor();
    await page.getByText("1 of 3 did not go").waitFor();
    await page.getByText(/: Not now\./).waitFor();
    await isAccessible(page, "work that failed in part");
    await page.getByRole("button", { name: "Try again" }).click();
    await until("the third is private too", async () => {
      const now = await standing();
      return now.Docks === "private" && now.Canals === "private" && now.Boats === "private";
    });
    assert.equal((await standing()).Anchors, "public");
    await page.getByText("1 of 3 did not go").waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Undo" }).click();
    await until("all are as they were", async () =>
      Object.values(await standing()).every((one) => one === "public"),
    );

    await page.getByRole("button", { name: "Add to playlist" }).click();
    await page.getByRole("combobox", { name: "Playlist" }).click();
    await page.getByRole("option", { name: "New playlist" }).click();
    await page.getByLabel("Name").fill("Harbour");
    await isAccessible(page, "adding to a playlist");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByText("3 videos added to Harbour.").waitFor();
    isContent(page);
    await page.context().close();
  });

  it("tells of what is being prepared while it comes, and stops and begins that", async () => {
    const page = await visitor(chromium, here);
    await signsIn(page, "asha");
    await page.goto("/studio/videos");
    await page.getByRole("row").filter({ hasText: "Anchors" }).waitFor();
    const form = new FormData();
    form.set("title", "Eels");
    form.set("videoFile", new Blob([await readFile(clip("numbers", 60, "1280x720"))]), "eels.mp4");
    const eels = await asha.call("POST", "/api/v1/videos", form);
    const row = page.getByRole("row").filter({ hasText: "Eels" });
    await row.getByText(/Being prepared, \d+ %/).waitFor();
    await isAccessible(page, "a video that is being prepared");
    await row.getByRole("button", { name: "Cancel preparing “Eels”" }).click();
    const again = row.getByRole("button", { name: "Try again to prepare “Eels”" });
    await again.waitFor();
    await isAccessible(page, "a video whose preparation was stopped");
    await again.click();
    await row.getByText(/Being prepared, \d+ %/).waitFor();
    await asha.call("POST", `/api/v1/videos/${eels._id}/cancel`);
    await asha.call("DELETE", `/api/v1/videos/${eels._id}`);
    await row.waitFor({ state: "hidden" });
    isContent(page);
    await page.context().close();
  });

  it("deletes several once that was confirmed and the time to take it back is over", async () => {
    const page = await visitor(chromium, here, PHONE);
    await signsIn(page, "asha");
    await page.goto("/studio/videos");
    await page.getByText("Anchors").waitFor();
    await isAccessible(page, "the videos on a phone");
    await fits(page, "the videos on a phone");
    const choose = async () => {
      for (const title of ["Anchors", "Boats"])
        await page.getByRole("checkbox", { name: `Select “${title}”` }).check();
      await page
        .getByRole("region", { name: "Selected videos" })
        .getByRole("button", { name: "Delete" })
        .click();
      await page.getByRole("dialog", { name: "Delete 2 videos?" }).waitFor();
    };
    await choose();
    await isAccessible(page, "asking before videos are deleted");
    await page.getByRole("button", { name: "Delete 2 videos" }).click();
    await page.getByText("Boats").waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("Boats").waitFor();
    assert.equal(Object.keys(await standing()).length, 4, "nothing was sent");
    await choose();
    await page.getByRole("button", { name: "Delete 2 videos" }).click();
    await page.getByText("2 videos deleted.").waitFor();
    await page.getByRole("button", { name: "Close" }).click();
    await until(
      "two are left",
      async () =>
        Object.keys(await standing())
          .sort()
          .join() === "Canals,Docks",
    );
    isContent(page);
    await page.context().close();
  });
});
