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
  /** Absent: as the site is set up. */
  keepOriginal?: boolean;
}

export interface Item {
  id: number;
  name: string;
  size: number;
  /**
   * `queued`: others go first; `waiting`: for the connection; `finishing`: all bytes are there and the server looks at
   * them.
   */
  state: "queued" | "starting" | "uploading" | "paused" | "waiting" | "finishing" | "uploaded" | "failed";
  sent: number;
  bytesPerSecond: number;
  secondsLeft: number | null;
  error: string | null;
  /** What the server calls the error. */
  code: string | null;
  video: string | null;
  /** The same bytes were uploaded before: `video` is that earlier one, and nothing of it was changed. */
  isDuplicate: boolean;
  /** The file takes the place of that of this video, whose details stay. */
  replaces: string | null;
  details: Details;
  /** Who may see it was chosen; until then it stays private. */
  isChosen: boolean;
  /** Whether the details that are shown are those that the server has. */
  isSaved: boolean;
}

export interface Wishes {
  /** Make a second video of bytes that were uploaded before. */
  allowDuplicate?: boolean;
  /** Take the place of the file of this video. */
  replaces?: string;
  /** As they were written for an upload that failed. */
  details?: Details;
}

const CHUNK = 16 * 1024 * 1024;
/** More side by side are not faster, and the first one is watchable later. */
const MOST_AT_ONCE = 2;
const RETRIES_MS = [0, 1_000, 3_000, 5_000, 10_000, 20_000, 30_000, 60_000];
/** How long to wait for a server that is away before it is asked again; browsers do not tell that it is back. */
const WAIT_MS = 20_000;
const ENDPOINT = "/api/v1/uploads";
/** What the server says of itself and not of the file: it is worth coming back. */
const PASSING = [401, 409, 423, 429, 500, 502, 503, 504];

let next = 1;
let items: readonly Item[] = [];
const files = new Map<number, { file: File; wishes: Wishes }>();
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

/** Takes a file in; it is uploaded when its turn comes, or goes on where the same file stopped. */
export function add(file: File, wishes: Wishes = {}): number {
  const id = next++;
  const fresh = { title: titleOf(file.name), description: "", tags: [], visibility: "public" };
  const item: Item = {
    id,
    name: file.name,
    size: file.size,
    state: "queued",
    sent: 0,
    bytesPerSecond: 0,
    secondsLeft: null,
    error: null,
    code: null,
    video: null,
    isDuplicate: false,
    replaces: wishes.replaces ?? null,
    details: wishes.details ?? fresh,
    isChosen: false,
    isSaved: false,
  };
  files.set(id, { file, wishes });
  items = [...items, item];
  change(id, {});
  startNext();
  return id;
}

/** Begins what waits for its turn, as many as may run. */
function startNext(): void {
  for (const item of items) {
    const busy = items.filter((one) => isRunning(one) || one.state === "waiting").length;
    if (busy >= MOST_AT_ONCE) return;
    if (item.state === "queued") void start(item.id);
  }
}

async function start(id: number): Promise<void> {
  const taken = files.get(id);
  if (!taken) return;
  change(id, { state: "starting" });
  try {
    const tus = await import("tus-js-client");
    const upload = new tus.Upload(taken.file, options(id, taken.file, taken.wishes));
    running.set(id, { upload, speed: new Speed() });
    const [before] = await upload.findPreviousUploads().catch(() => []);
    if (before) upload.resumeFromPreviousUpload(before);
    // It may have been paused or given up meanwhile.
    if (find(id)?.state !== "starting") return;
    change(id, { state: "uploading" });
    upload.start();
  } catch {
    // The part of the app that uploads did not arrive.
    change(id, { state: "failed", error: null, code: "unreachable" });
    startNext();
  }
}

/** Tries a failed upload anew, or one that was taken for an earlier video as a second one. */
export function again(id: number, wishes: Wishes = {}): void {
  const taken = files.get(id);
  const item = find(id);
  if (!taken || !item) return;
  forget(id);
  add(taken.file, { ...taken.wishes, ...wishes, details: item.details });
}

function forget(id: number): void {
  running.delete(id);
  files.delete(id);
  items = items.filter((one) => one.id !== id);
  for (const tell of watchers) tell();
}

/** The same file for another purpose is another upload. */
function fingerprint(file: File, { replaces, allowDuplicate }: Wishes): string {
  return ["streamsphere", file.name, file.type, file.size, file.lastModified, replaces, allowDuplicate].join(
    "|",
  );
}

function options(id: number, file: File, wishes: Wishes): UploadOptions {
  return {
    fingerprint: () => Promise.resolve(fingerprint(file, wishes)),
    endpoint: ENDPOINT,
    chunkSize: CHUNK,
    retryDelays: RETRIES_MS,
    removeFingerprintOnSuccess: true,
    // Nobody sees it before the details were saved, whatever happens to this browser until then.
    metadata: {
      filename: file.name,
      title: titleOf(file.name),
      visibility: "private",
      ...(wishes.allowDuplicate && { allowDuplicate: "true" }),
      ...(wishes.replaces && { replaces: wishes.replaces }),
    },
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
      const isDuplicate = Boolean(response.getHeader("Streamsphere-Duplicate-Of"));
      if (video) change(id, { video, isDuplicate });
    },
    onSuccess: () => {
      running.delete(id);
      change(id, { state: "uploaded", sent: file.size, secondsLeft: null });
      startNext();
      void save(id);
    },
    onError: (error) => {
      const response = "originalResponse" in error ? error.originalResponse : null;
      if (!response) {
        // The connection is gone for longer; it goes on by itself when it is back.
        change(id, { state: "waiting", error: null });
        setTimeout(() => {
          if (find(id)?.state === "waiting") goOn(id);
        }, WAIT_MS);
        return;
      }
      running.delete(id);
      change(id, { state: "failed", ...refusal(response.getBody()) });
      startNext();
    },
  };
}

function refusal(body: string): Pick<Item, "error" | "code"> {
  try {
    const { message, code } = JSON.parse(body) as { message?: string; code?: string };
    return { error: message ?? null, code: code ?? null };
  } catch {
    return { error: null, code: null };
  }
}

export function pause(id: number): void {
  void running.get(id)?.upload.abort();
  change(id, { state: "paused", bytesPerSecond: 0, secondsLeft: null });
  startNext();
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
  const isOver = find(id)?.state === "uploaded";
  forget(id);
  startNext();
  if (!isOver) await one?.upload.abort(true).catch(() => {});
}

/** Details can be written while the bytes are on their way; they are sent when there is a video to have them. */
export function describe(id: number, details: Details): void {
  const before = find(id);
  const isChosen = before?.isChosen || before?.details.visibility !== details.visibility;
  change(id, { details, isChosen, isSaved: false });
}

/** Sends the details as they stand, and who may see it. Before there is a video, they wait. */
export function publish(id: number): Promise<void> {
  change(id, { isChosen: true });
  return save(id);
}

/** Sends the details; who may see it only where that was chosen. */
async function save(id: number): Promise<void> {
  const item = find(id);
  // Of an earlier video nothing is changed, and one whose file is replaced keeps its details.
  if (!item?.video || item.isDuplicate || item.replaces) return;
  const { details, isChosen } = item;
  const { visibility, ...words } = details;
  try {
    const body = isChosen ? { ...words, visibility } : words;
    await unwrap(api.PATCH("/api/v1/videos/{id}", { params: { path: { id: item.video } }, body }));
    // What was written meanwhile is not what was sent.
    if (find(id)?.details === details) change(id, { isSaved: isChosen, error: null });
  } catch (error) {
    change(id, { error: error instanceof ApiError ? error.message : null });
  }
}

function isRunning(item: Item): boolean {
  return ["starting", "uploading", "finishing"].includes(item.state);
}

export function isBusy(): boolean {
  return items.some((one) => isRunning(one) || one.state === "waiting" || one.state === "queued");
}

/** Whether somebody would lose something by leaving: bytes under way, or details that are not saved. */
function isOpen(): boolean {
  const isUnsaved = (one: Item) =>
    one.state === "uploaded" && one.video !== null && !one.isSaved && !one.isDuplicate && !one.replaces;
  return isBusy() || items.some(isUnsaved);
}

/** How many go first, and itself; `null` where it does not wait in line. */
export function placeInLine(id: number): number | null {
  const at = items.filter((one) => one.state === "queued").findIndex((one) => one.id === id);
  return at < 0 ? null : at + 1;
}

/** How far all uploads are together, 0 to 1; `null` where there are none under way. */
export function overall(all: readonly Item[]): number | null {
  const open = all.filter((one) => one.state !== "uploaded" && one.state !== "failed");
  if (open.length === 0) return null;
  const size = open.reduce((sum, one) => sum + one.size, 0);
  return size > 0 ? open.reduce((sum, one) => sum + one.sent, 0) / size : 0;
}

window.addEventListener("online", () => {
  for (const item of items) if (item.state === "waiting") goOn(item.id);
});
window.addEventListener("beforeunload", (event) => {
  if (isOpen()) event.preventDefault();
});
