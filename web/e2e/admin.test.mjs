// Looking after the site: the first admin, reports and takedowns, accounts, jobs, settings.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { browser, clip, isAccessible, isContent, PASSWORD, signsIn, site, until, visitor } from "./kit.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const TABS = ["", "/users", "/users?show=waiting", "/reports", "/jobs", "/storage", "/settings", "/audit"];

describe("the administration", () => {
  let chromium;
  let here;
  let asha;
  let video;
  /** The admin's page, signed in by setting the site up. */
  let office;

  before(async () => {
    chromium = await browser();
    here = await site(["--encode-jobs", "1", "--cors-origins", "https://asha:tangled@front.example"]);
  });

  after(async () => {
    await chromium?.close();
    await here?.stops();
  });

  /** Sends a video and does not wait for what is made of it. */
  function uploads(title, bytes) {
    const form = new FormData();
    form.set("title", title);
    form.set("videoFile", new Blob([bytes]), "clip.mp4");
    return asha.call("POST", "/api/v1/videos", form);
  }

  it("begins with the first admin, who is told what to do next", async () => {
    office = await visitor(chromium, here);
    await office.goto(`/setup#${here.setupCode}`);
    await office.getByLabel("Name", { exact: true }).fill("Root");
    await office.getByLabel("Username").fill("root");
    await office.getByLabel("Email").fill("root@example.org");
    await office.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await office.getByRole("button", { name: "Set up" }).click();
    await office.getByRole("heading", { name: "Your site is ready" }).waitFor();
    await office.getByRole("link", { name: /Upload the first video/ }).waitFor();
    await isAccessible(office, "the overview of a new site");
    asha = await here.person("asha");
    await here.person("bela");
    video = await asha.publishes(clip("short", 4, "320x180"), { title: "Lighthouse" });
  });

  it("hears of a report, takes the video down, and lets it stand again", async () => {
    const viewer = await visitor(chromium, here);
    await signsIn(viewer, "bela");
    await viewer.goto(`/watch/${video._id}`);
    await viewer.getByRole("heading", { name: "Lighthouse" }).waitFor();
    await viewer.getByRole("button", { name: "More about “Lighthouse”" }).first().click();
    assert.equal(await viewer.getByRole("menuitem", { name: "Take down" }).count(), 0);
    await viewer.getByRole("menuitem", { name: "Report" }).click();
    await viewer.getByLabel("Copyright").check();
    await viewer.getByLabel("Anything to add?").fill("I filmed this.");
    await viewer.getByRole("button", { name: "Send report" }).click();
    await viewer.getByText("Thank you. Somebody will look at it.").waitFor();

    await office.goto("/admin");
    await office.getByRole("link", { name: "Open reports 1" }).click();
    const report = office.getByRole("article", { name: "Video: Lighthouse" });
    await report.getByText("I filmed this.").waitFor();
    await report.getByText("Reported by @bela").waitFor();
    await isAccessible(office, "reports");
    await report.getByRole("button", { name: "Take down" }).click();
    const dialog = office.getByRole("dialog", { name: "Take this video down" });
    assert.equal(await dialog.getByLabel("Reason").inputValue(), "Copyright");
    await isAccessible(office, "taking down");
    await dialog.getByRole("button", { name: "Take down" }).click();
    await office.getByText("It was taken down.").waitFor();
    await report.waitFor({ state: "detached" });

    // Whoever watches is told at once, and by the address as well.
    await viewer.getByRole("heading", { name: "There is nothing here" }).waitFor();
    await viewer.reload();
    await viewer.getByRole("heading", { name: "There is nothing here" }).waitFor();
    const status = await fetch(`${here.url}/api/v1/videos/${video._id}`).then((answer) => answer.status);
    assert.equal(status, 404);

    await office.getByRole("link", { name: "Audit log" }).click();
    await office.getByText("@root took down the video “Lighthouse”").waitFor();
    await office.getByText("@root closed a report about the video “Lighthouse”").waitFor();

    await office.goto("/admin/reports?state=closed");
    await report.getByRole("button", { name: "Let it stand again" }).click();
    await office.getByText("It stands again, as it was.").waitFor();
    await viewer.goto(`/watch/${video._id}`);
    await viewer.getByRole("heading", { name: "Lighthouse" }).waitFor();
    await report.getByRole("button", { name: "Reopen" }).click();
    await report.waitFor({ state: "detached" });
    await office.getByRole("button", { name: "Open", exact: true }).click();
    await report.getByRole("button", { name: "Dismiss" }).click();
    await office.getByRole("heading", { name: "No open reports" }).waitFor();
    // And taken back.
    await office
      .getByText("The report is closed.")
      .locator("..")
      .getByRole("button", { name: "Undo" })
      .click();
    await report.waitFor();
    isContent(viewer);
    await viewer.context().close();
  });

  it("takes down a comment where it stands, and takes that back", async () => {
    await asha.call("POST", `/api/v1/comments/${video._id}`, { content: "Buy my boats" });
    await office.goto(`/watch/${video._id}`);
    const comment = office.getByText("Buy my boats");
    await comment.scrollIntoViewIfNeeded();
    await office.getByRole("button", { name: "More about the comment by Asha" }).click();
    await office.getByRole("menuitem", { name: "Take down" }).click();
    const dialog = office.getByRole("dialog", { name: "Take this comment down" });
    await dialog.getByLabel("Reason").fill("Advertising");
    await dialog.getByRole("button", { name: "Take down" }).click();
    await comment.waitFor({ state: "detached" });
    await office.getByText("It was taken down.").locator("..").getByRole("button", { name: "Undo" }).click();
    await comment.waitFor();
  });

  it("suspends somebody, whose session ends, and lets them back in", async () => {
    const page = await visitor(chromium, here);
    await signsIn(page, "bela");
    await office.goto("/admin/users");
    await office.getByLabel("Names that begin with").fill("bel");
    const row = office.getByRole("article", { name: "bela" });
    await row.waitFor();
    await office.getByRole("article", { name: "asha" }).waitFor({ state: "detached" });
    assert.match(office.url(), /\?q=bel$/);
    await row.getByRole("button", { name: "More about Bela" }).click();
    await office.getByRole("menuitem", { name: "Suspend" }).click();
    await row.getByText("Suspended", { exact: true }).waitFor();
    await page.goto("/history");
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await row.getByRole("button", { name: "More about Bela" }).click();
    await office.getByRole("menuitem", { name: "Let back in" }).click();
    await row.getByText("Suspended", { exact: true }).waitFor({ state: "detached" });
    await signsIn(page, "bela");
    isContent(page);
    await page.context().close();
  });

  it("makes a moderator, who has the reports and nothing else", async () => {
    await office.goto("/admin/users?q=asha");
    const row = office.getByRole("article", { name: "asha" });
    await row.getByRole("button", { name: "More about Asha" }).click();
    await office.getByRole("menuitem", { name: "Change role" }).click();
    const dialog = office.getByRole("dialog", { name: "Role of Asha" });
    await dialog.getByLabel("Moderator").check();
    await isAccessible(office, "changing a role");
    await dialog.getByLabel("Your own password", { exact: true }).fill("not the password");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByText("The password is wrong.").waitFor();
    await dialog.getByLabel("Your own password", { exact: true }).fill(PASSWORD);
    await dialog.getByRole("button", { name: "Save" }).click();
    await row.getByText("Moderator", { exact: true }).waitFor();

    const page = await visitor(chromium, here, PHONE);
    await signsIn(page, "asha");
    await page.goto("/admin");
    await page.getByRole("article", { name: "Video: Lighthouse" }).waitFor();
    await isAccessible(page, "a moderator's reports on a phone");
    await page.goto("/admin/users");
    await page.getByRole("heading", { name: "There is nothing here" }).waitFor();
    isContent(page);
    await page.context().close();
  });

  it("reads why a job failed, and has it tried again", async () => {
    // The table of the file is there, what it points to is not.
    const bytes = Buffer.from(await readFile(clip("short", 10)));
    bytes.fill(0x55, bytes.indexOf("mdat") + 4);
    await uploads("A broken one", bytes);
    await office.goto("/admin/jobs?state=dead");
    const failed = office.getByRole("article", { name: "Encode a part" }).first();
    await failed.getByText("This cannot be done, and trying again would not help.").waitFor();
    await failed.getByText("Details").click();
    await failed.getByText("the program ended with code 1").waitFor();
    await isAccessible(office, "failed jobs");
    await failed.getByRole("button", { name: "Try again" }).click();
    await office.getByText("It is tried again.").waitFor();
  });

  it("puts a job behind others, and ends it", async () => {
    const long = await uploads("A long one", await readFile(clip("long", 90)));
    await office.goto("/admin/jobs?state=running");
    await office.getByRole("progressbar").first().waitFor();
    await isAccessible(office, "jobs");
    // There is one worker, and the newest job is the last of its video.
    await office.getByRole("button", { name: "Waiting" }).click();
    const job = office.getByRole("article", { name: "Encode a part" }).first();
    await job.getByRole("link", { name: "A long one" }).waitFor();
    await job.getByRole("button", { name: "More about this job: Encode a part" }).click();
    await office.getByRole("menuitemradio", { name: "Low" }).click();
    await job.getByText("Low", { exact: true }).waitFor();
    await job.getByRole("button", { name: "Cancel" }).click();
    await office.getByText("Cancelled, with all work on the same video.").waitFor();
    await office.getByRole("button", { name: "Cancelled" }).click();
    await job.getByText("Cancelled", { exact: true }).waitFor();
    await job.getByRole("link", { name: "A long one" }).waitFor();
    await job.getByRole("button", { name: "Try again" }).click();
    await office.getByText("It is tried again.").waitFor();
    // Nobody waits for it any more.
    await asha.call("DELETE", `/api/v1/videos/${long._id}`);
  });

  it("shows the settings and what set them, and no secrets", async () => {
    await office.goto("/admin/settings");
    await office.getByText(here.folder, { exact: true }).waitFor();
    await office.getByText("https://…@front.example").waitFor();
    assert.ok(!(await office.content()).includes("tangled"));
    await office.getByRole("button", { name: "Changed ones" }).click();
    await office.getByText("max_upload_bytes", { exact: true }).waitFor({ state: "detached" });
    await office.getByLabel("Find a setting").fill("encode jobs");
    await office.getByText("encode_jobs", { exact: true }).waitFor();
    isContent(office);
  });

  it("has no serious fault in any part, on a desk or a phone", async () => {
    for (const options of [{ colorScheme: "light" }, { colorScheme: "dark", ...PHONE }]) {
      const page = await visitor(chromium, here, options);
      await signsIn(page, "root");
      for (const tab of TABS) {
        await page.goto(`/admin${tab}`);
        await page.getByRole("heading", { name: "Administration" }).waitFor();
        await until("it is loaded", () =>
          page.evaluate(
            () => !document.querySelector('main [role="status"]')?.textContent.includes("Loading"),
          ),
        );
        await isAccessible(page, `/admin${tab}, ${options.colorScheme}`);
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(width <= page.viewportSize().width, `/admin${tab} is ${width} pixels wide`);
      }
      isContent(page);
      await page.context().close();
    }
    isContent(office);
  });
});

describe("a site where admins let people in", () => {
  let chromium;
  let here;

  before(async () => {
    chromium = await browser();
    here = await site(["--registration", "approval"]);
    await here.makesAdmin("root");
  });

  after(async () => {
    await chromium?.close();
    await here?.stops();
  });

  it("lets one in and turns another away", async () => {
    for (const username of ["asha", "bela"]) {
      const body = { username, fullName: username, email: `${username}@example.org`, password: PASSWORD };
      const headers = { "Content-Type": "application/json" };
      await fetch(`${here.url}/api/v1/users/register`, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
      });
    }
    const page = await visitor(chromium, here);
    await signsIn(page, "root");
    await page.goto("/admin");
    await page.getByRole("link", { name: "People who want in 2" }).click();
    await page.getByRole("article", { name: "asha" }).getByRole("button", { name: "Let in" }).click();
    await page.getByText("asha may sign in now.").waitFor();
    const bela = page.getByRole("article", { name: "bela" });
    await bela.getByRole("button", { name: "Turn away" }).click();
    const dialog = page.getByRole("dialog", { name: "Turn bela away?" });
    await isAccessible(page, "turning somebody away");
    await dialog.getByRole("button", { name: "Turn away" }).click();
    await page.getByRole("heading", { name: "Nobody is waiting" }).waitFor();
    await page.getByRole("link", { name: "Audit log" }).click();
    await page.getByText("@root let @asha in", { exact: true }).waitFor();
    const other = await visitor(chromium, here);
    await signsIn(other, "asha");
    isContent(other);
    isContent(page);
  });
});
