// What people do with each other: following, being told, lists, and the forms of an account.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { browser, clip, isAccessible, isContent, PHONE, signsIn, site, until, visitor } from "./kit.mjs";

describe("people", () => {
  let chromium;
  let here;
  let asha;
  let bela;
  let videos;

  before(async () => {
    chromium = await browser();
    here = await site();
    asha = await here.person("asha");
    bela = await here.person("bela");
    videos = [];
    for (const title of ["First", "Second", "Third"]) {
      videos.push(await asha.publishes(clip("short", 4, "320x180"), { title, allowDuplicate: "true" }));
    }
  });

  after(async () => {
    await chromium?.close();
    await here?.stops();
  });

  it("follow a channel and are told at once of what it brings out", async () => {
    const page = await visitor(chromium, here);
    await signsIn(page, "bela");
    await page.goto("/@asha");
    await page.getByRole("button", { name: "Subscribe" }).click();
    await page.getByRole("button", { name: "Subscribed", pressed: true }).waitFor();
    await isAccessible(page, "a channel");
    await asha.publishes(clip("short", 4, "320x180"), { title: "Fresh", allowDuplicate: "true" });
    await page.getByRole("button", { name: "Notifications, 1 unread" }).click();
    const told = page.getByRole("link", { name: /Asha published “Fresh”/ });
    await told.waitFor();
    await isAccessible(page, "the bell");
    await told.click();
    await page.getByRole("heading", { name: "Fresh" }).waitFor();
    isContent(page);
    await page.context().close();
  });

  it("put the videos of a playlist into another order by dragging", async () => {
    const list = await bela.call("POST", "/api/v1/playlist", {
      name: "Mine",
      description: "",
      visibility: "private",
    });
    for (const video of videos) await bela.call("PATCH", `/api/v1/playlist/add/${video._id}/${list._id}`);
    const page = await visitor(chromium, here);
    await signsIn(page, "bela");
    await page.goto(`/playlist/${list._id}`);
    const rows = page.getByRole("listitem").filter({ has: page.getByRole("button", { name: /^Move/ }) });
    const handles = page.getByRole("button", { name: /^Move/ });
    await rows.nth(2).waitFor();
    await isAccessible(page, "a playlist");
    await handles.nth(2).dragTo(handles.nth(0));
    await until("the server has the new order", async () => {
      const now = await bela.call("GET", `/api/v1/playlist/${list._id}`);
      return now.videos.map((one) => one.title).join() === "Third,First,Second";
    });
    assert.deepEqual(await rows.getByRole("heading").allTextContents(), ["Third", "First", "Second"]);
    isContent(page);
    await page.context().close();
  });

  const OPEN = [
    "/",
    "/trending",
    "/search?q=First",
    "/search?q=First&type=videos",
    "/sign-in",
    "/sign-up",
    "/setup",
    "/nothing",
    "/@asha",
    "/@asha/playlists",
    "/@asha/tweets",
    "/@asha/about",
  ];
  const OWN = [
    ...["/", "/subscriptions", "/following", "/history", "/liked", "/playlists", "/library"],
    ...["/playlist/watch-later", "/notifications", "/upload"],
    ...["/account", "/account/security", "/account/notifications", "/account/blocks", "/account/webhooks"],
    ...["/account/storage", "/account/data"],
    ...["/studio", "/studio/videos", "/studio/comments", "/studio/comments?part=settings"],
    "/studio/subscribers",
  ];

  for (const [name, options] of [
    ["dark", { colorScheme: "dark" }],
    ["light", { colorScheme: "light" }],
    ["on a phone", { ...PHONE, colorScheme: "light" }],
  ]) {
    it(`find every page without a serious fault for those who cannot see or use a mouse, ${name}`, async () => {
      const page = await visitor(chromium, here, options);
      const looks = async (path) => {
        await page.goto(path);
        const heading = page.getByRole("heading", { level: 1 }).or(page.getByRole("heading", { level: 2 }));
        await heading.first().waitFor({ state: "attached" });
        await isAccessible(page, `${path}, ${name}`);
        const wide = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        assert.ok(wide <= 0, `${path}, ${name}: ${wide} pixels too wide`);
      };
      for (const path of OPEN) await looks(path);
      await signsIn(page, "bela");
      for (const path of OWN) await looks(path);
      isContent(page);
      await page.context().close();
    });
  }

  it("open the navigation over the page, which keeps the focus until it is closed", async () => {
    const page = await visitor(chromium, here, { viewport: { width: 900, height: 800 } });
    await page.goto("/");
    const button = page.getByRole("button", { name: "Show or hide the navigation" });
    await button.click();
    const main = page.getByRole("navigation", { name: "Main" });
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    await until("the first entry has the focus", async () => (await focused()) === "Home");
    await page.keyboard.press("Shift+Tab");
    assert.equal(await focused(), await main.getByRole("link").last().textContent());
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "Home");
    await isAccessible(page, "the navigation over the page");
    await page.keyboard.press("Escape");
    await until("the button has the focus again", () =>
      button.evaluate((one) => one === document.activeElement),
    );
    isContent(page);
    await page.context().close();
  });

  it("renew their session once where two tabs find it ended", async () => {
    const page = await visitor(chromium, here);
    await signsIn(page, "bela");
    const other = await page.context().newPage();
    // Where the app does not run, and so renews nothing by itself.
    await page.goto("/robots.txt");
    await page.context().clearCookies({ name: "accessToken" });
    await page.evaluate(() => localStorage.setItem("streamsphere-session", '{"renewedAt":1}'));
    let renewals = 0;
    page.context().on("request", (request) => {
      if (request.url().endsWith("/refresh-token")) renewals += 1;
    });
    await Promise.all([page.goto("/history"), other.goto("/liked")]);
    await page.getByRole("heading", { name: "History" }).waitFor();
    await other.getByRole("heading", { name: "Liked videos" }).waitFor();
    for (const tab of [page, other]) await tab.getByRole("button", { name: "Your account" }).waitFor();
    assert.equal(renewals, 1);
    isContent(page);
    await page.context().close();
  });

  it("stay signed in when the access cookie has ended", async () => {
    const page = await visitor(chromium, here);
    await signsIn(page, "bela");
    // As it is some minutes later: the cookie is gone, and the app knows that it is time.
    await page.context().clearCookies({ name: "accessToken" });
    await page.evaluate(() => localStorage.setItem("streamsphere-session", '{"renewedAt":1}'));
    let renewals = 0;
    page.on("request", (request) => {
      if (request.url().endsWith("/refresh-token")) renewals += 1;
    });
    await page.goto("/history");
    await page.getByRole("heading", { name: "History" }).waitFor();
    await page.getByRole("button", { name: "Your account" }).waitFor();
    assert.equal(renewals, 1, "all that was asked at once waited for one renewal");
    // Signed out is signed out, also for what the browser still has.
    await page.getByRole("button", { name: "Your account" }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("link", { name: "Sign in" }).first().waitFor();
    await page.goto("/history");
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    isContent(page);
    await page.context().close();
  });

  it("make the first admin with the code that the server printed", async () => {
    const page = await visitor(chromium, here);
    await page.goto(`/setup#${here.setupCode}`);
    await page.getByLabel("Name", { exact: true }).fill("Root");
    await page.getByLabel("Username").fill("root");
    await page.getByLabel("Email").fill("root@example.org");
    await page.getByLabel("Password", { exact: true }).fill("a long and odd phrase 7");
    await page.getByRole("button", { name: "Set up" }).click();
    await page.getByRole("link", { name: "Administration" }).first().waitFor();
    isContent(page);
    await page.context().close();
  });

  it("read the site in another language", async () => {
    const page = await visitor(chromium, here, { locale: "de-DE" });
    await page.goto("/");
    await page.getByRole("link", { name: "Anmelden" }).first().waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), "de");
    await page.getByRole("button", { name: "Farben und Sprache" }).click();
    await page.getByRole("menuitemradio", { name: "English" }).click();
    await page.getByRole("link", { name: "Sign in" }).first().waitFor();
    isContent(page);
    await page.context().close();
  });
});
