// Tells the server how a video is watched: which stretches were played, and where one stopped. Small messages every
// few seconds; the last one goes out while the page is left. See docs/analytics.md for what is made of them.

import { keepFresh } from "@/api/refresh";

export interface Beacon {
  sessionId: string;
  seq: number;
  event: string;
  /** The stretch that was played since the last one, in seconds. */
  from?: number;
  to?: number;
  position: number;
  startupMs?: number;
  stallMs?: number;
  rendition?: string;
  rate?: number;
  /** Where viewers come from: a word that the server knows. */
  source?: string;
}

const EVERY_S = 8;
/** A stretch goes on while the time grows as playing makes it grow; anything else was a jump. */
const JUMP_S = 2.5;
const SHORTEST_S = 0.25;

type Send = (beacon: Beacon, isLast: boolean) => void;

/** What was played of one video on one page. */
export class Watching {
  private seq = 0;
  private from: number | null = null;
  private last = 0;
  private stalledMs = 0;
  private startupMs: number | null = null;

  constructor(
    private readonly sessionId: string,
    private readonly send: Send,
  ) {}

  /** The first frame was there. */
  started(startupMs: number, position: number): void {
    this.startupMs = Math.round(startupMs);
    this.from = position;
    this.last = position;
    this.tell("start", position);
  }

  /** Playing goes on; called some times a second. */
  at(position: number, rate = 1): void {
    if (this.from === null) {
      this.from = position;
    } else if (position < this.last || position - this.last > JUMP_S * Math.max(1, rate)) {
      this.flush("seek", this.last);
      this.from = position;
    }
    this.last = position;
    if (position - this.from >= EVERY_S * Math.max(1, rate)) this.flush("progress", position);
  }

  stalled(ms: number): void {
    this.stalledMs += ms;
  }

  paused(position: number): void {
    this.flush("pause", position);
    this.from = null;
  }

  ended(position: number): void {
    this.flush("end", position);
    this.from = null;
  }

  /** The page is left. */
  left(position: number): void {
    if (this.seq > 0) this.flush("progress", position, true);
    this.from = null;
  }

  private flush(event: string, position: number, isLast = false): void {
    const from = this.from;
    const to = Math.max(this.last, from ?? 0);
    if (from !== null && to - from >= SHORTEST_S) this.tell(event, position, { from, to }, isLast);
    else if (event === "end" || isLast) this.tell(event, position, {}, isLast);
    this.from = to;
  }

  private tell(event: string, position: number, more: Partial<Beacon> = {}, isLast = false): void {
    this.seq += 1;
    const beacon: Beacon = { sessionId: this.sessionId, seq: this.seq, event, position, ...more };
    if (this.startupMs !== null) {
      beacon.startupMs = this.startupMs;
      this.startupMs = null;
    }
    if (this.stalledMs > 0) {
      beacon.stallMs = Math.round(this.stalledMs);
      this.stalledMs = 0;
    }
    this.send(beacon, isLast);
  }
}

/**
 * Sends it so that leaving the page does not stop it. Nobody waits for the answer, and a lost one is no fault.
 * `isAnonymous`: without cookies, so that it goes into nobody's history.
 */
export function sendBeacon(video: string, beacon: Beacon, isLast: boolean, isAnonymous = false): void {
  const address = `/api/v1/videos/${video}/views`;
  const body = JSON.stringify(beacon);
  const type = "application/json";
  // That one cannot leave cookies out.
  if (isLast && !isAnonymous && navigator.sendBeacon?.(address, new Blob([body], { type }))) return;
  const headers = { "Content-Type": type, "X-Requested-With": "fetch" };
  const credentials = isAnonymous ? "omit" : "same-origin";
  const send = () => fetch(address, { method: "POST", body, keepalive: true, headers, credentials });
  // Of a page in the background nothing else renews the session, and a stale one would be nobody's watching.
  const ready = isAnonymous || isLast ? Promise.resolve() : keepFresh();
  ready.then(send).catch(() => {});
}
