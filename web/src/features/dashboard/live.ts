// The dashboard's own stream: how it stands at once, and what changes of it while the page is seen (docs/API.md).
// Without it the page asks now and then.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { keepFresh } from "@/api/refresh";
import type { Stream } from "@/events/hub";
import { DASHBOARD, type LiveStats, type Realtime, realtimeQuery, statsQuery } from "./queries";

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** Charts follow at most this often. */
const SETTLE_MS = 2_000;

interface Handlers {
  onState: (isLive: boolean) => void;
  onStats: (stats: LiveStats) => void;
  onRealtime: (realtime: Realtime) => void;
}

/** Keeps a stream open from `start` to `stop`, and comes back where it was refused. */
export class DashboardStream {
  private stream: Stream | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pauseMs = FIRST_PAUSE_MS;
  private isWanted = false;

  constructor(
    private readonly address: string,
    private readonly handlers: Handlers,
    private readonly open: (address: string) => Stream = (to) => new EventSource(to) as Stream,
    private readonly ready: () => Promise<void> = keepFresh,
  ) {}

  start(): void {
    if (this.isWanted) return;
    this.isWanted = true;
    void this.connect();
  }

  stop(): void {
    this.isWanted = false;
    clearTimeout(this.timer);
    this.stream?.close();
    this.stream = null;
    this.handlers.onState(false);
  }

  private async connect(): Promise<void> {
    await this.ready();
    if (!this.isWanted || this.stream !== null) return;
    const stream = this.open(this.address);
    this.stream = stream;
    stream.onopen = () => {
      this.pauseMs = FIRST_PAUSE_MS;
      this.handlers.onState(true);
    };
    stream.onerror = () => {
      if (this.stream !== stream) return;
      this.handlers.onState(false);
      // A browser comes back by itself unless it was refused.
      if (stream.readyState !== 2) return;
      stream.close();
      this.stream = null;
      this.timer = setTimeout(() => void this.connect(), this.pauseMs);
      this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
    };
    const hear = <T>(kind: string, tell: (data: T) => void) =>
      stream.addEventListener(kind, (event) => {
        try {
          tell(JSON.parse(event.data) as T);
        } catch {
          // What cannot be read is left out; the next one is whole again.
        }
      });
    hear<LiveStats>("stats", this.handlers.onStats);
    hear<Realtime>("realtime", this.handlers.onRealtime);
  }
}

/** Keeps the numbers of the page moving while it is seen; tells whether they do. */
export function useLive(video: string | undefined): boolean {
  const [isLive, setIsLive] = useState(false);
  const queries = useQueryClient();
  useEffect(() => {
    let settling: ReturnType<typeof setTimeout> | undefined;
    // The first of both is how it stands, which the charts ask for themselves.
    const begun = { stats: false, realtime: false };
    const changed = (what: keyof typeof begun) => {
      if (begun[what]) {
        settling ??= setTimeout(() => {
          settling = undefined;
          void queries.invalidateQueries({ queryKey: DASHBOARD });
        }, SETTLE_MS);
      }
      begun[what] = true;
    };
    const address = `/api/v1/dashboard/live${video === undefined ? "" : `?videoId=${video}`}`;
    const stream = new DashboardStream(address, {
      onState: setIsLive,
      onStats: (stats) => {
        queries.setQueryData(statsQuery(video).queryKey, stats);
        changed("stats");
      },
      onRealtime: (realtime) => {
        queries.setQueryData(realtimeQuery(video).queryKey, realtime);
        changed("realtime");
      },
    });
    // Nobody looks at a hidden page, and streams of many tabs would use up the browser's connections.
    const look = () => (document.hidden ? stream.stop() : stream.start());
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      clearTimeout(settling);
      stream.stop();
    };
  }, [video, queries]);
  return isLive;
}
