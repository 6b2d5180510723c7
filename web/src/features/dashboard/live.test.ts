import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Stream } from "@/events/hub";
import { DashboardStream } from "./live";

class Fake implements Stream {
  readyState = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  isClosed = false;
  private readonly listeners = new Map<string, (event: MessageEvent<string>) => void>();

  addEventListener(kind: string, listener: (event: MessageEvent<string>) => void): void {
    this.listeners.set(kind, listener);
  }

  close(): void {
    this.isClosed = true;
  }

  tells(kind: string, data: string): void {
    this.listeners.get(kind)?.({ data } as MessageEvent<string>);
  }

  /** As a browser does with an answer that is no stream. */
  isRefused(): void {
    this.readyState = 2;
    this.onerror?.();
  }
}

describe("the stream of a dashboard", () => {
  let opened: Fake[];
  let heard: unknown[];
  let stream: DashboardStream;

  beforeEach(() => {
    vi.useFakeTimers();
    opened = [];
    heard = [];
    stream = new DashboardStream(
      "/live",
      {
        onState: (isLive) => heard.push(isLive),
        onStats: (stats) => heard.push(stats.totalViews),
        onRealtime: (realtime) => heard.push(realtime.viewersNow),
      },
      () => {
        const fake = new Fake();
        opened.push(fake);
        return fake;
      },
      () => Promise.resolve(),
    );
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it("tells what it hears, and leaves out what cannot be read", async () => {
    stream.start();
    stream.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(opened).toHaveLength(1);
    opened[0]?.onopen?.();
    opened[0]?.tells("stats", '{"totalViews":3}');
    opened[0]?.tells("realtime", "no JSON");
    opened[0]?.tells("realtime", '{"viewersNow":2}');
    expect(heard).toEqual([true, 3, 2]);
  });

  it("comes back later and later while it is refused", async () => {
    stream.start();
    await vi.advanceTimersByTimeAsync(0);
    opened[0]?.isRefused();
    await vi.advanceTimersByTimeAsync(999);
    expect(opened).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(opened).toHaveLength(2);
    opened[1]?.isRefused();
    await vi.advanceTimersByTimeAsync(1_999);
    expect(opened).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(opened).toHaveLength(3);
  });

  it("leaves coming back to the browser where the connection was lost", async () => {
    stream.start();
    await vi.advanceTimersByTimeAsync(0);
    opened[0]?.onopen?.();
    opened[0]?.onerror?.();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(opened).toHaveLength(1);
    expect(heard).toEqual([true, false]);
  });

  it("is over when the page is left, also while it was to come back", async () => {
    stream.start();
    await vi.advanceTimersByTimeAsync(0);
    opened[0]?.isRefused();
    stream.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(opened).toHaveLength(1);
    stream.start();
    await vi.advanceTimersByTimeAsync(0);
    stream.stop();
    expect(opened[1]?.isClosed).toBe(true);
  });
});
