// Pictures of every page, on a desk and a phone, dark and light: node e2e/screenshots.mjs [folder] [parts of names, with commas between]
import { execFileSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { browser, clip, signsIn, site, until, visitor } from "./kit.mjs";

const folder = process.argv[2] ?? new URL("../../target/screenshots", import.meta.url).pathname;
const wanted = (process.argv[3] ?? "").split(",");

const VIEWS = {
  desk: { viewport: { width: 1440, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
};
const TITLES = [
  ["Walking through the old town at dawn", "mandelbrot=size=640x360:rate=12:end_pts=60"],
  ["How a loom works", "life=size=640x360:mold=10:ratio=0.1:rate=12:death_color=#5650cf:life_color=#f1f0ff"],
  [
    "Three ways to bake bread without kneading, and one that goes wrong every single time",
    "gradients=size=640x360:rate=12:c0=#e9a23b:c1=#7a2e0e:nb_colors=2",
  ],
  ["Tides", "gradients=size=640x360:rate=12:c0=#0b7285:c1=#d3f9d8:nb_colors=2"],
  ["Repairing a bicycle, part 2", "cellauto=size=640x360:rule=110:rate=12"],
  ["Night trains of the north", "gradients=size=640x360:rate=12:c0=#101116:c1=#a5a1fb:nb_colors=2"],
];
const ADMIN = ["users", "reports", "jobs", "storage", "settings", "audit"];
const DESCRIPTION =
  "Filmed in one go, early on a Sunday.\n\n0:00 The bridge\n0:03 The market\n0:06 The hill\n\nMusic: https://example.org/music\nThanks to @workshop for the map.";

function painted(name, source) {
  const file = join(clip("seed").replace(/[^/]+$/, ""), `painted-${name}.mp4`);
  const sound = ["-f", "lavfi", "-i", "sine=frequency=300:duration=9"];
  execFileSync("ffmpeg", [
    ...["-v", "error", "-y", "-f", "lavfi", "-t", "9", "-i", source, ...sound, "-shortest"],
    ...["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", file],
  ]);
  return file;
}

async function fill(here) {
  const asha = await here.person("harbour", "Harbour Films");
  const bela = await here.person("workshop", "The Workshop");
  const videos = [];
  for (const [index, [title, source]] of TITLES.entries()) {
    const owner = index % 2 === 0 ? asha : bela;
    videos.push(
      await owner.publishes(painted(index, source), {
        title,
        description: index === 0 ? DESCRIPTION : "A short film.",
        tags: "city,morning",
      }),
    );
  }
  const [first] = videos;
  const say = (who, content, parent) =>
    who.call("POST", `/api/v1/comments/${first._id}`, { content, parent });
  const top = await say(bela, "The light at 0:03 is wonderful. How early did you get up?");
  await say(asha, "Before five. It was worth it.", top._id);
  await say(bela, "I have walked there a hundred times and never seen it like this.");
  await asha.call("PUT", `/api/v1/likes/c/${top._id}`);
  await asha.call("POST", `/api/v1/comments/c/${top._id}/pin`);
  await bela.call("PUT", `/api/v1/likes/v/${first._id}`);
  await bela.call("POST", "/api/v1/tweets", {
    content: "This hill is where I learned to ride a bicycle.",
    video: first._id,
    videoAt: 6,
  });
  await asha.call("PATCH", "/api/v1/users/comment-settings", {
    approval: "links",
    blockedWords: ["boats", "free money"],
  });
  await say(bela, "I made a map of this walk: https://example.org/map");
  await say(bela, "Selling boats, cheap.");
  await say(bela, "The same place in 1910: https://example.org/1910", top._id);
  const me = await asha.call("GET", "/api/v1/users/current-user");
  await bela.call("PUT", `/api/v1/subscriptions/c/${me._id}`);
  const other = await bela.call("GET", "/api/v1/users/current-user");
  await asha.call("PUT", `/api/v1/subscriptions/c/${other._id}`);
  const chen = await here.person("chen", "Chen Wei");
  const third = await chen.call("GET", "/api/v1/users/current-user");
  await asha.call("PUT", `/api/v1/users/blocks/${third._id}`);
  await asha.call("PATCH", "/api/v1/users/update-account", {
    bio: "Short films of places, mostly before breakfast.",
  });
  const list = await asha.call("POST", "/api/v1/playlist", {
    name: "Slow mornings",
    description: "For rainy days.",
    visibility: "public",
  });
  for (const video of videos.slice(0, 4))
    await asha.call("PATCH", `/api/v1/playlist/add/${video._id}/${list._id}`);
  for (const video of videos.slice(1, 4)) {
    await asha.call("POST", `/api/v1/videos/${video._id}/views`, {
      sessionId: "s",
      from: 0,
      to: 4,
      position: 4,
    });
    await asha.call("PUT", `/api/v1/likes/v/${video._id}`);
  }
  const cues =
    "WEBVTT\n\n00:01.000 --> 00:03.000\nThe bridge is empty at this hour.\n\n00:03.200 --> 00:06.000\nThen the market wakes up.\n";
  const captions = new FormData();
  captions.set("label", "English");
  captions.set("captions", new Blob([cues], { type: "text/vtt" }), "en.vtt");
  await asha.call("PUT", `/api/v1/videos/${first._id}/captions/en`, captions);
  // An audience: most leave after the market, some go on to the end.
  const agents = [
    "Windows NT 10.0; Win64; x64",
    "iPhone; CPU iPhone OS 18_0 like Mac OS X",
    "X11; Linux x86_64",
  ];
  for (let viewer = 0; viewer < 60; viewer += 1) {
    const agent = `Mozilla/5.0 (${agents[viewer % 3]}) Gecko/20100101 Firefox/1${viewer}.0`;
    const source = ["search", "home", "related", "embed"][viewer % 4];
    const until = viewer % 5 === 0 ? 9 : 4.6 + (viewer % 7) * 0.4;
    await here.hears(videos[viewer % 3 === 0 ? 2 : 0]._id, `viewer-${viewer}`, 0, until, { agent, source });
  }
  await here.makesAdmin("root");
  const root = await here.person("root");
  const down = `/api/v1/admin/takedowns/video/${videos[3]._id}`;
  await root.call("PUT", down, { reason: "Somebody else's film" });
  await root.call("DELETE", down);
  await root.call("PATCH", `/api/v1/admin/users/${other._id}`, { quota: 5_000_000_000 });
  await bela.call("POST", "/api/v1/reports", {
    kind: "comment",
    id: top._id,
    reason: "spam",
    text: "Again.",
  });
  return { first, list, me };
}

const chromium = await browser();
const here = await site();
try {
  const { first, list } = await fill(here);
  const pages = {
    home: "/",
    watch: `/watch/${first._id}`,
    embed: `/embed/${first._id}`,
    trending: "/trending",
    search: "/search?q=the",
    "search-videos": "/search?q=a&type=videos",
    "search-tag": "/search?tag=city",
    channel: "/@harbour",
    "channel-about": "/@harbour/about",
    "channel-tweets": "/@workshop/tweets",
    subscriptions: "/subscriptions",
    history: "/history",
    liked: "/liked",
    playlists: "/playlists",
    playlist: `/playlist/${list._id}`,
    library: "/library",
    notifications: "/notifications",
    upload: "/upload",
    account: "/account",
    "account-security": "/account/security",
    "account-notifications": "/account/notifications",
    "account-storage": "/account/storage",
    "account-data": "/account/data",
    studio: "/studio",
    "studio-comments": "/studio/comments",
    "studio-comments-settings": "/studio/comments?part=settings",
    "studio-subscribers": "/studio/subscribers",
    following: "/following",
    "account-blocks": "/account/blocks",
    "account-webhooks": "/account/webhooks",
    "studio-videos": "/studio/videos",
    "edit-video": `/studio/videos/${first._id}`,
    analytics: `/studio/videos/${first._id}/analytics`,
    ...Object.fromEntries(ADMIN.map((tab) => [`admin-${tab}`, `/admin/${tab}`])),
    admin: "/admin",
    captions: `/studio/videos/${first._id}/captions/en`,
    "not-found": "/nothing",
    "sign-in": "/sign-in",
    "sign-up": "/sign-up",
    setup: "/setup",
  };
  const open = ["sign-in", "sign-up", "setup"];
  await mkdir(folder, { recursive: true });
  for (const [view, options] of Object.entries(VIEWS)) {
    for (const colorScheme of ["dark", "light"]) {
      const inside = await visitor(chromium, here, { ...options, colorScheme });
      await signsIn(inside, "harbour");
      const office = await visitor(chromium, here, { ...options, colorScheme });
      await signsIn(office, "root");
      const outside = await visitor(chromium, here, { ...options, colorScheme });
      for (const [name, path] of Object.entries(pages)) {
        const file = `${name}-${view}-${colorScheme}.png`;
        if (!wanted.some((part) => file.includes(part))) continue;
        const page = open.includes(name) ? outside : name.startsWith("admin") ? office : inside;
        await page.goto(path, { waitUntil: "load" });
        if (name === "watch") {
          await until("it plays", () =>
            page.evaluate(() => (document.querySelector("video")?.currentTime ?? 0) > 1),
          );
          await page.evaluate(() => document.querySelector("video")?.pause());
        }
        // A page that is loaded on demand begins as nothing, then as placeholders.
        await page.waitForTimeout(400);
        // Until nothing on it is a placeholder any more; the stream of events never lets the network rest.
        await page
          .waitForFunction(
            () =>
              !document.querySelector('[class*="bone"]') &&
              [...document.images].every((one) => one.complete || one.loading === "lazy"),
            null,
            { timeout: 8_000 },
          )
          .catch(() => {});
        await page.waitForTimeout(150);
        await page.screenshot({ path: join(folder, file) });
      }
      await inside.context().close();
      await outside.context().close();
      await office.context().close();
    }
  }
} finally {
  await chromium.close();
  await here.stops();
}
