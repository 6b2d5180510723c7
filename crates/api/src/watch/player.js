// Tells the server what of a video is played, as docs/analytics.md describes, and shows its numbers while they change.
"use strict";

(() => {
  const player = document.querySelector("video[data-video]");
  if (!player) return;
  const { video, source } = player.dataset;

  // Often enough that little is lost when a page ends, seldom enough to cost nothing.
  const ROUND_MS = 10_000;
  const MOST_BEACONS = 50;
  const sessionId = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");

  let seq = 0;
  let waiting = [];
  // Where the stretch that is being played began, and how far it has come; null while nothing is.
  let from = null;
  let at = 0;
  let askedAt = null;
  let hasStarted = false;
  let stalledAt = null;

  const note = (event, more) => {
    const beacon = { event, seq: (seq += 1), position: at, rate: player.playbackRate, ...more };
    if (from !== null && at > from) {
      beacon.from = from;
      beacon.to = at;
      from = at;
    }
    waiting.push(beacon);
    if (waiting.length >= MOST_BEACONS) send();
  };

  const send = () => {
    if (waiting.length === 0) return;
    const body = { sessionId, beacons: waiting, referrer: document.referrer.slice(0, 500) };
    if (source) body.source = source;
    waiting = [];
    const blob = new Blob([JSON.stringify(body)], { type: "application/json" });
    navigator.sendBeacon(`/api/v1/videos/${video}/views`, blob);
  };

  const isPlaying = () => from !== null;

  player.addEventListener("play", () => {
    askedAt ??= performance.now();
  });
  player.addEventListener("playing", () => {
    const now = performance.now();
    at = player.currentTime;
    if (!hasStarted) {
      hasStarted = true;
      note("start", { startupMs: Math.round(now - (askedAt ?? now)) });
      from = at;
      send();
    } else if (stalledAt !== null) {
      note("stall", { stallMs: Math.round(now - stalledAt) });
      from = at;
    } else {
      from = at;
    }
    stalledAt = null;
  });
  player.addEventListener("timeupdate", () => {
    // A seek moves the time before it says so; what lies between was not watched.
    if (isPlaying() && !player.seeking && player.currentTime >= at) at = player.currentTime;
  });
  player.addEventListener("waiting", () => {
    if (!hasStarted || player.seeking) return;
    note("progress");
    from = null;
    stalledAt = performance.now();
  });
  player.addEventListener("seeking", () => {
    if (isPlaying()) note("progress");
    from = null;
    stalledAt = null;
  });
  player.addEventListener("seeked", () => {
    at = player.currentTime;
    note("seek");
    from = player.paused ? null : at;
  });
  player.addEventListener("pause", () => {
    if (!isPlaying() || player.ended) return;
    at = Math.max(at, player.currentTime);
    note("pause");
    from = null;
    send();
  });
  player.addEventListener("ended", () => {
    at = player.duration;
    note("end");
    from = null;
    send();
  });
  player.addEventListener("error", () => {
    note("error");
    from = null;
    send();
  });
  setInterval(() => {
    if (isPlaying()) note("progress");
    send();
  }, ROUND_MS);
  // The last moment at which a page that goes away is heard; it may come back as well.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden") return;
    if (isPlaying()) note("progress");
    send();
  });
  window.addEventListener("pagehide", () => {
    if (isPlaying()) note("progress");
    send();
  });

  const numbers = { views: document.getElementById("views"), likesCount: document.getElementById("likes") };
  if (!numbers.views) return;
  const events = new EventSource(`/api/v1/events?videos=${video}`);
  for (const kind of ["views.changed", "like.changed"]) {
    events.addEventListener(kind, (event) => {
      const data = JSON.parse(event.data);
      for (const [name, element] of Object.entries(numbers)) {
        if (element && typeof data[name] === "number") element.textContent = data[name].toLocaleString("en");
      }
    });
  }
})();
