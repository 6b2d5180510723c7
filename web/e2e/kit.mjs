// What the browser tests share: a real server on a folder of its own, people who act through the API, clips made by
// ffmpeg, and Chromium. A test fails when a page breaks its content policy or writes an error to the console.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const root = new URL("../../", import.meta.url).pathname;
const program = process.env.STREAMSPHERE_PROGRAM ?? join(root, "target/debug/streamsphere");
const clips = join(root, "target/tmp/web-clips");
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** How a phone looks at pages. */
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
export const PASSWORD = "correct horse battery 9";
/** Long, because encodes share the machine with everything else. */
const PATIENCE_MS = Number(process.env.E2E_PATIENCE_MS ?? 300_000);

/** Waits until `look` answers something. */
export async function until(what, look, ms = PATIENCE_MS) {
  const end = Date.now() + ms;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`It did not come to pass that ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A clip of moving numbers and a tone, made once. */
export function clip(name, seconds = 12, size = "1280x720") {
  const file = join(clips, `${name}-${seconds}-${size}.mp4`);
  if (existsSync(file)) return file;
  execFileSync("mkdir", ["-p", clips]);
  const picture = `testsrc2=size=${size}:rate=25:duration=${seconds}`;
  const sound = `sine=frequency=440:duration=${seconds}`;
  execFileSync("ffmpeg", [
    ...["-v", "error", "-y", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound],
    ...[
      "-c:v",
      "libx264",
      "-preset",
      "ultrafast",
      "-g",
      "50",
      "-pix_fmt",
      "yuv420p",
      "-c:a",
      "aac",
      "-shortest",
    ],
    ...["-movflags", "+faststart", file],
  ]);
  return file;
}

class Person {
  constructor(site, username, token) {
    this.site = site;
    this.username = username;
    this.token = token;
  }

  async call(method, path, body) {
    const isForm = body instanceof FormData;
    const response = await fetch(`${this.site.url}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${this.token}`,
        ...(body && !isForm ? { "Content-Type": "application/json" } : {}),
      },
      body: body && !isForm ? JSON.stringify(body) : body,
    });
    const answer = await response.json();
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${answer.message}`);
    return answer.data;
  }

  /** Uploads a clip and waits until it is ready. */
  async publishes(file, fields = {}) {
    const form = new FormData();
    form.set("title", "A clip");
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    form.set("videoFile", new Blob([await readFile(file)]), "clip.mp4");
    const video = await this.call("POST", "/api/v1/videos", form);
    return until("the video is ready", async () => {
      const now = await this.call("GET", `/api/v1/videos/${video._id}`);
      assert.ok(!["failed", "rejected"].includes(now.status), now.statusReason);
      return now.status === "ready" && now;
    });
  }
}

class Site {
  constructor(child, url, folder, setupCode) {
    Object.assign(this, { child, url, folder, setupCode });
  }

  /** Somebody who has an account. */
  async person(username, fullName = username[0].toUpperCase() + username.slice(1)) {
    const post = (path, body) =>
      fetch(`${this.url}/api/v1/users/${path}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      }).then((response) => response.json());
    await post("register", { username, fullName, email: `${username}@example.org`, password: PASSWORD });
    const { data } = await post("login", { username, password: PASSWORD });
    return new Person(this, username, data.accessToken);
  }

  /** Sets the site up with the code that it printed. */
  async makesAdmin(username) {
    const person = { username, fullName: "Root", email: `${username}@example.org`, password: PASSWORD };
    const response = await fetch(`${this.url}/api/v1/admin/setup`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ code: this.setupCode, ...person }),
    });
    assert.equal(response.status, 201, await response.text());
  }

  /** A player somewhere tells that it plays these seconds of a video; `seq` counts what it tells. */
  async hears(video, sessionId, from, to, { seq = 1, agent = "Mozilla/5.0 Firefox/130.0", ...more } = {}) {
    const response = await fetch(`${this.url}/api/v1/videos/${video}/views`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "User-Agent": agent },
      body: JSON.stringify({ sessionId, ...more, beacons: [{ seq, from, to }] }),
    });
    assert.equal(response.status, 202, await response.text());
  }

  async stops() {
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGTERM");
    await ended;
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Starts a server. */
export async function site(words = []) {
  const folder = await mkdtemp(join(tmpdir(), "streamsphere-web-"));
  const settings = ["--rate-limits", "off", "--disk-reserve-bytes", "0", "--encode-nice", "5", ...words];
  const child = spawn(program, ["serve", "--listen", "127.0.0.1:0", "--data-dir", folder, ...settings], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  let complained = "";
  child.stdout.on("data", (text) => (said += text));
  child.stderr.on("data", (text) => (complained += text));
  const url = await until("the server listens", () => {
    assert.equal(child.exitCode, null, complained);
    return / listens on (\S+)\n/.exec(said)?.[1];
  });
  await until("it said all", () => said.includes("curl "));
  return new Site(child, url, folder, /code:\s+(\S+)/.exec(said)?.[1]);
}

export async function browser() {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  const args = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--mute-audio"];
  return chromium.launch({ executablePath, args });
}

/** What a page wrote to the console that it should not have. */
const complaints = new WeakMap();

/** A page of a new visitor. */
export async function visitor(browser, site, options = {}) {
  const context = await browser.newContext({
    baseURL: site.url,
    viewport: { width: 1280, height: 800 },
    locale: "en-GB",
    colorScheme: "dark",
    reducedMotion: "reduce",
    // By its own name a browser without a window is a program, whose views do not count.
    userAgent:
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    ...options,
  });
  const page = await context.newPage();
  const all = [];
  complaints.set(page, all);
  page.on("pageerror", (error) => all.push(String(error)));
  page.on("console", (message) => {
    // What is not there is told by the network, and is part of some tests.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      all.push(message.text());
  });
  page.setDefaultTimeout(Math.min(120_000, PATIENCE_MS));
  return page;
}

/** Fails when the page complained of anything: errors, or breaches of its policy. */
export function isContent(page) {
  assert.deepEqual(complaints.get(page), []);
}

/** Signs in through the form. */
export async function signsIn(page, username) {
  await page.goto("/sign-in");
  await page.getByLabel("Username or email").fill(username);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("button", { name: "Your account" }).waitFor();
}

/** Fails where axe finds something serious on the page as it is now. */
export async function isAccessible(page, what) {
  await page.evaluate(axe);
  // What changed just now has its old colours until it was drawn: under reduced motion too, everything has a transition.
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(null)))),
  );
  const found = await page.evaluate(async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations } = await globalThis.axe.run(document, { runOnly: tags });
    return violations
      .filter((one) => one.impact === "serious" || one.impact === "critical")
      .map(
        (one) =>
          `${one.id}: ${one.nodes.map((node) => `${node.target} (${node.failureSummary})`).join("; ")}`,
      );
  });
  assert.deepEqual(found, [], what);
}
