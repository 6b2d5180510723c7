// The dashboard's own stream: how it stands at once, and what changes of it while the page is open (docs/API.md).
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { keepFresh } from "@/api/refresh";
import { DASHBOARD, type Realtime, type Stats } from "./queries";

export interface Live {
  stats: Omit<Stats, "totalVideos" | "totalSubscribers" | "subscriberCount"> & Partial<Stats>;
  realtime: Realtime;
  /** The stream is open; otherwise the numbers are as old as the last of it. */
  isLive: boolean;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** Charts follow at most this often. */
const SETTLE_MS = 2_000;

function parsed<T>(event: MessageEvent<string>): T | null {
  try {
    return JSON.parse(event.data) as T;
  } catch {
    return null;
  }
}

/** Keeps the stream open while the component is there; charts are read again when what they show has changed. */
export function useLive(video?: string): Partial<Live> {
  const [live, setLive] = useState<Partial<Live>>({});
  const queries = useQueryClient();
  useEffect(() => {
    let stream: EventSource | null = null;
    let reopening: ReturnType<typeof setTimeout> | undefined;
    let settling: ReturnType<typeof setTimeout> | undefined;
    let pauseMs = FIRST_PAUSE_MS;
    let isGone = false;
    let hasBegun = false;
    const changed = () => {
      settling ??= setTimeout(() => {
        settling = undefined;
        void queries.invalidateQueries({ queryKey: DASHBOARD });
      }, SETTLE_MS);
    };
    const open = async () => {
      await keepFresh();
      if (isGone) return;
      const address = video ? `/api/v1/dashboard/live?videoId=${video}` : "/api/v1/dashboard/live";
      const opened = new EventSource(address);
      stream = opened;
      opened.onopen = () => {
        pauseMs = FIRST_PAUSE_MS;
        setLive((now) => ({ ...now, isLive: true }));
      };
      opened.onerror = () => {
        setLive((now) => ({ ...now, isLive: false }));
        // A browser comes back by itself unless it was refused.
        if (opened.readyState !== EventSource.CLOSED) return;
        reopening = setTimeout(() => void open(), pauseMs);
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      };
      opened.addEventListener("stats", (event: MessageEvent<string>) => {
        const stats = parsed<Live["stats"]>(event);
        if (!stats) return;
        setLive((now) => ({ ...now, stats }));
        // The first is how it stands, which the charts have read themselves.
        if (hasBegun) changed();
        hasBegun = true;
      });
      opened.addEventListener("realtime", (event: MessageEvent<string>) => {
        const realtime = parsed<Realtime>(event);
        if (realtime) setLive((now) => ({ ...now, realtime }));
      });
    };
    void open();
    return () => {
      isGone = true;
      clearTimeout(reopening);
      clearTimeout(settling);
      stream?.close();
    };
  }, [video, queries]);
  return live;
}
