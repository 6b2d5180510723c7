// Uploads under way. They live outside of the page that shows them: one can go anywhere in the app while they run.
// What the bytes need is done by tus; what was sent survives a lost connection and a closed browser.
import type { Upload, UploadOptions } from "tus-js-client";
import { ApiError, api, unwrap } from "@/api/client";
import { keepFresh } from "@/api/refresh";
import { Speed } from "./speed";

export interface Details {
  title: string;
  description: string;
  tags: string[];
  visibility: string;
}

export interface Item {
  id: number;
  name: string;
  size: number;
  /** `waiting`: for the connection; `finishing`: all bytes are there and the server looks at them. */
  state: "starting" | "uploading" | "paused" | "waiting" | "finishing" | "uploaded" | "failed";
  sent: number;
  bytesPerSecond: number;
  secondsLeft: number | null;
  error: string | null;
  video: string | null;
  details: Details;
  /** Whether the details that are shown are those that the server has. */
  isSaved: boolean;
}

const CHUNK = 16 * 1024 * 1024;
const RETRIES_MS = [0, 1_000, 3_000, 5_000, 10_000, 20_000, 30_000, 60_000];
const ENDPOINT = "/api/v1/uploads";
/** What the server says of itself and not of the file: it is worth coming back. */
const PASSING = [401, 409, 423, 429, 500, 502, 503, 504];

let next = 1;
let items: readonly Item[] = [];
const running = new Map<number, { upload: Upload; speed: Speed }>();
const watchers = new Set<() => void>();

export const uploads = {
  subscribe(tell: () => void): () => void {
    watchers.add(tell);
    return () => watchers.delete(tell);
  },
  list: () => items,
};

function change(id: number, to: Partial<Item>): void {
  items = items.map((one) => (one.id === id ? { ...one, ...to } : one));
  for (const tell of watchers) tell();
}

function find(id: number): Item | undefined {
  return items.find((one) => one.id === id);
}

/** "my_holiday-2026.mp4" → "my holiday-2026". */
export function titleOf(file: string): string {
  return (
    file
      .replace(/\.[^.]+$/, "")
      .replace(/_+/g, " ")
      .trim()
      .slice(0, 200) || file
  );
}

/** Begins to upload a file, or goes on where the same file stopped. */
export async function add(file: File): Promise<void> {
  const id = next++;
  const details = { title: titleOf(file.name), description: "", tags: [], visibility: "public" };
  const item: Item = {
    id,
    name: file.name,
    size: file.size,
    state: "starting",
    sent: 0,
    bytesPerSecond: 0,
    secondsLeft: null,
    error: null,
    video: null,
    details,
    isSaved: false,
  };
  items = [...items, item];
  change(id, {});
  const tus = await import("tus-js-client");
  const upload = new tus.Upload(file, options(id, file));
  running.set(id, { upload, speed: new Speed() });
  const [before] = await upload.findPreviousUploads().catch(() => []);
  if (before) upload.resumeFromPreviousUpload(before);
  change(id, { state: "uploading" });
  upload.start();
}

function options(id: number, file: File): UploadOptions {
  return {
    endpoint: ENDPOINT,
    chunkSize: CHUNK,
    retryDelays: RETRIES_MS,
    removeFingerprintOnSuccess: true,
    // Nobody sees it before the details were saved, whatever happens to this browser until then.
    metadata: { filename: file.name, title: titleOf(file.name), visibility: "private" },
    headers: { "X-Requested-With": "fetch" },
    onBeforeRequest: keepFresh,
    onShouldRetry: (error) => {
      const status = error.originalResponse?.getStatus() ?? 0;
      return status === 0 ? navigator.onLine : PASSING.includes(status);
    },
    onProgress: (sent, size) => {
      const speed = running.get(id)?.speed;
      speed?.at(performance.now(), sent);
      change(id, {
        state: sent === size ? "finishing" : "uploading",
        sent,
        bytesPerSecond: speed?.bytesPerSecond ?? 0,
        secondsLeft: speed?.secondsLeft(size - sent) ?? null,
      });
    },
    onAfterResponse: (_, response) => {
      const video = response.getHeader("Streamsphere-Video-Id");
      if (video) change(id, { video });
    },
    onSuccess: () => {
      running.delete(id);
      change(id, { state: "uploaded", sent: file.size, secondsLeft: null });
      void save(id);
    },
    onError: (error) => {
      const response = "originalResponse" in error ? error.originalResponse : null;
      if (!response) {
        // The connection is gone for longer; it goes on by itself when it is back.
        change(id, { state: "waiting", error: null });
        return;
      }
      running.delete(id);
      change(id, { state: "failed", error: sentence(response.getBody()) });
    },
  };
}

function sentence(body: string): string | null {
  try {
    return (JSON.parse(body) as { message?: string }).message ?? null;
  } catch {
    return null;
  }
}

export function pause(id: number): void {
  void running.get(id)?.upload.abort();
  change(id, { state: "paused", bytesPerSecond: 0, secondsLeft: null });
}

export function goOn(id: number): void {
  const one = running.get(id);
  if (!one) return;
  one.speed = new Speed();
  change(id, { state: "uploading", error: null });
  one.upload.start();
}

/** Gives an upload up, here and on the server. */
export async function giveUp(id: number): Promise<void> {
  const one = running.get(id);
  running.delete(id);
  items = items.filter((other) => other.id !== id);
  for (const tell of watchers) tell();
  await one?.upload.abort(true).catch(() => {});
}

/** Details can be written while the bytes are on their way; they are sent when there is a video to have them. */
export function describe(id: number, details: Details): void {
  change(id, { details, isSaved: false });
}

/** Sends the details. Before there is a video, they wait. */
export async function save(id: number): Promise<void> {
  const item = find(id);
  if (!item?.video) return;
  const { details } = item;
  try {
    await unwrap(api.PATCH("/api/v1/videos/{id}", { params: { path: { id: item.video } }, body: details }));
    // What was written meanwhile is not what was sent.
    if (find(id)?.details === details) change(id, { isSaved: true, error: null });
  } catch (error) {
    change(id, { error: error instanceof ApiError ? error.message : null });
  }
}

export function isBusy(): boolean {
  return items.some((one) => ["starting", "uploading", "finishing", "waiting"].includes(one.state));
}

window.addEventListener("online", () => {
  for (const item of items) if (item.state === "waiting") goOn(item.id);
});
window.addEventListener("beforeunload", (event) => {
  if (isBusy()) event.preventDefault();
});
