// How a video comes into the video element: hls.js where media source extensions are, the browser itself on Safari,
// and the progressive file where neither is or the playlist fails.
import type Hls from "hls.js";

export interface Quality {
  /** Place in the list of the engine. */
  level: number;
  height: number;
  /** "720p", "1080p60". */
  name: string;
}

export interface Engine {
  qualities: Quality[];
  /** -1: chosen by the connection. */
  choose(level: number): void;
  destroy(): void;
}

export interface Sources {
  hls: string | null | undefined;
  file: string | null | undefined;
  /** Whether the time is over for which the addresses are good: then one fails as the other. */
  hasEnded: () => boolean;
}

interface Handlers {
  onQualities: (all: Quality[]) => void;
  /** What is shown now. */
  onQuality: (height: number) => void;
  /** At which place, in seconds: the element knows it no longer. */
  onFailed: (at: number) => void;
}

/** How often in a row it is tried again where the connection is lost although the browser knows of one. */
const MOST_LOSSES = 20;
const LOSS_PAUSE_MS = 3_000;

let loading: Promise<typeof Hls> | null = null;

/** Begins to load the engine, so that it is there when the addresses are. */
export function loadHls(): Promise<typeof Hls> {
  loading ??= import("hls.js").then(
    (module) => module.default,
    (error: unknown) => {
      // A lost connection is not for ever: the next video asks again.
      loading = null;
      throw error;
    },
  );
  return loading;
}

function isSafari(): boolean {
  return /^Apple/.test(navigator.vendor);
}

function playsHls(video: HTMLVideoElement): boolean {
  return isSafari() && video.canPlayType("application/vnd.apple.mpegurl") !== "";
}

const NONE: Engine = { qualities: [], choose: () => {}, destroy: () => {} };

function plain(video: HTMLVideoElement, address: string, at: number, handlers: Handlers): Engine {
  const failed = () => handlers.onFailed(video.currentTime || at);
  video.addEventListener("error", failed);
  video.src = address;
  if (at > 0) {
    video.addEventListener("loadedmetadata", () => (video.currentTime = at), { once: true });
  }
  return {
    ...NONE,
    destroy() {
      // Taking the address away is no failure.
      video.removeEventListener("error", failed);
      video.removeAttribute("src");
      video.load();
    },
  };
}

/** Puts the video into the element, beginning at `at` seconds. */
export async function attach(
  video: HTMLVideoElement,
  sources: Sources,
  at: number,
  handlers: Handlers,
): Promise<Engine> {
  if (sources.hls && playsHls(video)) return plain(video, sources.hls, at, handlers);
  if (sources.hls) {
    const Engine = await loadHls().catch((error: unknown) => {
      if (!sources.file) throw error;
      return null;
    });
    if (Engine?.isSupported()) return withHls(Engine, video, sources, at, handlers);
  }
  if (sources.file) return plain(video, sources.file, at, handlers);
  handlers.onFailed(at);
  return NONE;
}

/**
 * Puts a video into an element for looking at its places: no quality to choose, and nothing of it counts as watched.
 * The answer takes it away.
 */
export function attachStill(
  video: HTMLVideoElement,
  from: { hls?: Sources["hls"]; videoFile?: Sources["file"] },
) {
  const nothing = () => {};
  const handlers = { onQualities: nothing, onQuality: nothing, onFailed: nothing };
  let engine: Engine | null = null;
  let isGone = false;
  attach(video, { hls: from.hls, file: from.videoFile, hasEnded: () => false }, 0, handlers).then((made) => {
    if (isGone) made.destroy();
    else engine = made;
  }, nothing);
  return () => {
    isGone = true;
    engine?.destroy();
  };
}

function withHls(
  Engine: typeof Hls,
  video: HTMLVideoElement,
  sources: Sources,
  at: number,
  handlers: Handlers,
): Engine {
  const hls = new Engine({
    // A worker would be made from text, which the policy does not allow; our segments need little work.
    enableWorker: false,
    // Subtitles come from their own files, as text that we place ourselves.
    enableWebVTT: false,
    enableIMSC1: false,
    enableCEA708Captions: false,
    startPosition: at > 0 ? at : -1,
    capLevelToPlayerSize: true,
    maxBufferLength: 30,
    backBufferLength: 60,
  });
  let recoveries = 0;
  let losses = 0;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const goOn = () => {
    clearTimeout(waiting);
    hls.startLoad();
  };
  window.addEventListener("online", goOn);
  let fallback: Engine | null = null;
  const engine: Engine = {
    qualities: [],
    choose(level) {
      hls.nextLevel = level;
    },
    destroy() {
      clearTimeout(waiting);
      window.removeEventListener("online", goOn);
      hls.destroy();
      fallback?.destroy();
    },
  };
  hls.on(Engine.Events.MANIFEST_PARSED, () => {
    engine.qualities = hls.levels
      .map((one, level) => ({ level, height: one.height, name: name(one.height, one.width, one.frameRate) }))
      .sort((a, b) => b.height - a.height);
    handlers.onQualities(engine.qualities);
  });
  hls.on(Engine.Events.FRAG_LOADED, () => {
    losses = 0;
  });
  hls.on(Engine.Events.LEVEL_SWITCHED, (_, { level }) => handlers.onQuality(hls.levels[level]?.height ?? 0));
  hls.on(Engine.Events.ERROR, (_, data) => {
    if (!data.fatal) return;
    if (data.type === Engine.ErrorTypes.MEDIA_ERROR && recoveries < 2) {
      recoveries += 1;
      hls.recoverMediaError();
      return;
    }
    // Nothing was answered: the connection is gone for a while, and what was loaded plays on meanwhile.
    const isLost = data.type === Engine.ErrorTypes.NETWORK_ERROR && !data.response?.code;
    if (isLost && engine.qualities.length > 0 && (!navigator.onLine || losses < MOST_LOSSES)) {
      losses += 1;
      clearTimeout(waiting);
      waiting = setTimeout(goOn, LOSS_PAUSE_MS);
      return;
    }
    const position = video.currentTime || at;
    hls.destroy();
    if (sources.file && !sources.hasEnded()) {
      handlers.onQualities([]);
      fallback = plain(video, sources.file, position, handlers);
      void video.play().catch(() => {});
    } else {
      handlers.onFailed(position);
    }
  });
  hls.loadSource(sources.hls ?? "");
  hls.attachMedia(video);
  return engine;
}

/** The short side names a quality, whichever way the picture is turned. */
function name(height: number, width: number, rate: number | undefined): string {
  const short = Math.min(height, width || height);
  return `${short}p${rate && rate > 32 ? Math.round(rate) : ""}`;
}
