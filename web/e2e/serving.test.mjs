// How the server hands the app out: headers, compression, heads of pages, and what stays JSON.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { clip, site, until } from "./kit.mjs";

const HTML = { Accept: "text/html,application/xhtml+xml" };

describe("the server", () => {
  let here;
  let asha;
  const ask = (path, headers = {}) => fetch(`${here.url}${path}`, { headers });

  before(async () => {
    here = await site();
    asha = await here.person("asha");
  });

  after(() => here?.stops());

  it("sends one page for every address of the app, with a strict policy", async () => {
    for (const path of ["/", "/search?q=x", "/@asha", "/@asha/about", "/trending"]) {
      const answer = await ask(path, HTML);
      assert.equal(answer.status, 200, path);
      const policy = answer.headers.get("content-security-policy");
      assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self';/);
      assert.match(policy, /require-trusted-types-for 'script'/);
      assert.doesNotMatch(policy, /unsafe/);
      const html = await answer.text();
      assert.match(html, /<div id="root">/);
      // Every script is a file; data for search engines is none.
      for (const [tag] of html.matchAll(/<script[^>]*>/g))
        assert.match(tag, / src="|type="application\/ld\+json"/, tag);
    }
  });

  it("says 404 with the page of the app where there is none", async () => {
    const answer = await ask("/nothing/here", HTML);
    assert.equal(answer.status, 404);
    assert.match(await answer.text(), /<div id="root">/);
  });

  it("tells previews about channels and playlists, and says 404 where there are none", async () => {
    await asha.call("PATCH", "/api/v1/users/update-account", { bio: 'Films & "ports"' });
    const channel = await (await ask("/@asha", HTML)).text();
    assert.match(channel, /<title>Asha – StreamSphere<\/title>/);
    assert.match(channel, /property="og:description" content="Films &amp; &quot;ports&quot;"/);
    assert.match(
      channel,
      /type="application\/rss\+xml" title="Asha" href="[^"]+\/feeds\/channel\/asha\.xml"/,
    );
    const list = await asha.call("POST", "/api/v1/playlist", {
      name: "Slow <mornings>",
      description: "",
      visibility: "public",
    });
    const open = await (await ask(`/playlist/${list._id}`, HTML)).text();
    assert.match(open, /property="og:title" content="Slow &lt;mornings&gt;"/);
    assert.doesNotMatch(open, /noindex/);
    await asha.call("PATCH", `/api/v1/playlist/${list._id}`, { visibility: "private" });
    const closed = await ask(`/playlist/${list._id}`, HTML);
    assert.equal(closed.status, 404);
    assert.doesNotMatch(await closed.text(), /mornings/);
    for (const path of ["/@nobody", "/playlist/65f1c0ffee0123456789abcd"]) {
      const answer = await ask(path, HTML);
      assert.equal(answer.status, 404, path);
      assert.match(await answer.text(), /<div id="root">/);
    }
    assert.equal((await ask("/@asha")).status, 404, "programs ask the API");
  });

  it("goes on answering programs in JSON", async () => {
    for (const [path, headers] of [
      ["/nothing", {}],
      ["/api/v1/nothing", HTML],
      ["/assets/nothing.js", HTML],
    ]) {
      const answer = await ask(path, headers);
      assert.equal(answer.status, 404, path);
      assert.equal((await answer.json()).code, "route_not_found", path);
    }
    const post = await fetch(`${here.url}/`, { method: "POST", headers: HTML });
    assert.equal(post.status, 404);
  });

  it("sends files compressed, and for good where their names change with them", async () => {
    const html = await (await ask("/", HTML)).text();
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(html)[1];
    const answer = await ask(script, { "Accept-Encoding": "br, gzip" });
    assert.equal(answer.headers.get("content-encoding"), "br");
    assert.equal(answer.headers.get("cache-control"), "public, max-age=31536000, immutable");
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    const tag = answer.headers.get("etag");
    assert.equal((await ask(script, { "If-None-Match": tag })).status, 304);
    assert.equal(
      (await ask(script, { "Accept-Encoding": "identity" })).headers.get("content-encoding"),
      null,
    );
    const manifest = await ask("/app.webmanifest");
    assert.equal(manifest.headers.get("content-type"), "application/manifest+json");
    assert.match(manifest.headers.get("cache-control"), /must-revalidate/);
  });

  it("tells previews about a video, as text, and about a private one nothing", async () => {
    const title = 'Bread & "salt" </title><script>x</script>';
    const fields = { title, description: "</script><b>bold</b>", allowDuplicate: "true" };
    const video = await asha.publishes(clip("short", 4, "320x180"), fields);
    const open = await ask(`/watch/${video._id}`, HTML);
    assert.equal(open.status, 200);
    const html = await open.text();
    assert.match(html, /<title>Bread &amp; &quot;salt&quot; &lt;\/title&gt;&lt;script&gt;x/);
    assert.match(html, /property="og:title" content="Bread &amp; /);
    assert.match(html, /property="og:image" content="http/);
    assert.match(html, /type="application\/json\+oembed"/);
    // What plays it is on the way before the app has begun.
    assert.match(html, /rel="modulepreload" crossorigin href="\/assets\/hls-/);
    assert.match(html, /rel="modulepreload" crossorigin href="\/assets\/WatchPage-/);
    const data = JSON.parse(/<script type="application\/ld\+json">(.*?)<\/script>/s.exec(html)[1]);
    assert.equal(data["@type"], "VideoObject");
    assert.equal(data.name, title);
    assert.equal(data.duration, "PT4S");
    assert.doesNotMatch(html, /<script>x|<b>bold/);

    await asha.call("PATCH", `/api/v1/videos/${video._id}`, { visibility: "private" });
    // What was read of a video is believed for half a second.
    const closed = await until("it is not there", async () => {
      const answer = await ask(`/watch/${video._id}`, HTML);
      return answer.status === 404 && answer;
    });
    assert.doesNotMatch(await closed.text(), /Bread/);
  });
});
