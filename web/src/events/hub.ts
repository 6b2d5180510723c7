// One stream of events for the whole page. Components say which kinds they want and which videos they show; the hub
// opens, closes and reopens the stream as that changes. See docs/EVENTS.md for what the server tells.
import { keepFresh } from "@/api/refresh";

export interface EventData {
  "video.published": VideoEvent;
  "video.updated": VideoEvent;
  "video.removed": { video: string };
  "like.changed": { video: string; likesCount: number };
  "views.changed": { video: string; views: number };
  "comment.created": CommentEvent;
  "comment.updated": CommentEvent;
  "comment.removed": { video: string; comment: string };
  "tweet.created": { tweet: string; owner: string; video: string | null };
  "subscription.changed": { channel: string; isSubscribed: boolean };
  "subscribers.changed": { channel: string; subscribersCount: number };
  "notification.created": { _id: string; kind: string };
  "notification.read": { unreadCount: number; unreadIsEstimate: boolean };
  "job.progress": JobEvent;
  "job.finished": JobEvent;
  "job.failed": JobEvent;
  /** Something was missed: read again what the page shows. */
  resync: Record<string, never>;
}

export interface VideoEvent {
  video: string;
  owner: string;
  title: string;
  visibility: string;
  isPublished: boolean;
  status: string;
  progress: number;
  watchable: boolean;
  updatedAt: string;
}

export interface CommentEvent {
  video: string;
  comment: string;
  parent: string | null;
  owner: string;
}

export interface JobEvent {
  job: string;
  video: string | null;
  kind: string;
  state: string;
  progress: number;
  step: string | null;
  etaSeconds: number | null;
}

export type EventKind = keyof EventData;
type Listener = (data: never) => void;

const KINDS: EventKind[] = [
  "video.published",
  "video.updated",
  "video.removed",
  "like.changed",
  "views.changed",
  "comment.created",
  "comment.updated",
  "comment.removed",
  "tweet.created",
  "subscription.changed",
  "subscribers.changed",
  "notification.created",
  "notification.read",
  "job.progress",
  "job.finished",
  "job.failed",
  "resync",
];
/** As many as the server takes. */
const MOST_VIDEOS = 20;
const SETTLE_MS = 150;
const HIDDEN_MS = 60_000;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;

/** What the hub needs of `EventSource`. */
export interface Stream {
  readyState: number;
  onopen: (() => void) | null;
  onerror: (() => void) | null;
  addEventListener(kind: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
}

export class EventHub {
  private readonly listeners = new Map<EventKind, Set<Listener>>();
  private readonly videos = new Map<string, number>();
  private stream: Stream | null = null;
  private address: string | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private pauseMs = FIRST_PAUSE_MS;
  private signedIn = false;
  private hiding: ReturnType<typeof setTimeout> | null = null;
  private isResting = false;

  constructor(
    private readonly open: (address: string) => Stream = (address) => new EventSource(address) as Stream,
    private readonly ready: () => Promise<void> = keepFresh,
  ) {}

  /** Whether somebody is signed in: they hear what is for them, others only of videos. */
  setSignedIn(signedIn: boolean): void {
    if (this.signedIn === signedIn) return;
    this.signedIn = signedIn;
    // Another person must not go on with the stream of the last one.
    this.close();
    this.settle(SETTLE_MS);
  }

  /** Pages in the background leave their place to others: a server and a browser have few for each person. */
  setHidden(hidden: boolean): void {
    if (this.hiding !== null) clearTimeout(this.hiding);
    this.hiding = null;
    if (hidden) {
      this.hiding = setTimeout(() => {
        this.isResting = true;
        this.close();
      }, HIDDEN_MS);
    } else if (this.isResting) {
      this.isResting = false;
      this.settle(0);
      // What happened meanwhile was not heard.
      this.tell("resync", "{}");
    }
  }

  on<K extends EventKind>(kind: K, listener: (data: EventData[K]) => void): () => void {
    const all = this.listeners.get(kind) ?? new Set<Listener>();
    this.listeners.set(kind, all);
    all.add(listener as Listener);
    return () => all.delete(listener as Listener);
  }

  /** Hears of this video until the answer is called. */
  watch(video: string): () => void {
    this.videos.set(video, (this.videos.get(video) ?? 0) + 1);
    this.settle(SETTLE_MS);
    return () => {
      const left = (this.videos.get(video) ?? 1) - 1;
      if (left > 0) this.videos.set(video, left);
      else this.videos.delete(video);
      this.settle(SETTLE_MS);
    };
  }

  private wanted(): string | null {
    const videos = [...this.videos.keys()].slice(-MOST_VIDEOS);
    if (videos.length === 0) return this.signedIn ? "/api/v1/events" : null;
    return `/api/v1/events?videos=${videos.join(",")}`;
  }

  /** Pages change in several steps; the stream follows when they are done. */
  private settle(ms: number): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = null;
      void this.follow();
    }, ms);
  }

  private async follow(): Promise<void> {
    const wanted = this.isResting ? null : this.wanted();
    if (wanted === this.address && this.stream !== null) return;
    this.close();
    if (wanted === null) return;
    this.address = wanted;
    await this.ready();
    // Something else may be wanted by now.
    if (this.address !== wanted || this.stream !== null) return;
    const stream = this.open(wanted);
    this.stream = stream;
    stream.onopen = () => {
      this.pauseMs = FIRST_PAUSE_MS;
    };
    stream.onerror = () => {
      // A browser comes back by itself unless it was refused.
      if (stream.readyState !== 2 || this.stream !== stream) return;
      this.close();
      this.settle(this.pauseMs);
      this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
    };
    for (const kind of KINDS) {
      stream.addEventListener(kind, (event) => this.tell(kind, event.data));
    }
  }

  private tell(kind: EventKind, text: string): void {
    let data: unknown;
    try {
      data = JSON.parse(text);
    } catch {
      return;
    }
    for (const listener of this.listeners.get(kind) ?? []) listener(data as never);
  }

  private close(): void {
    this.stream?.close();
    this.stream = null;
    this.address = null;
  }
}

export const hub = new EventHub();
