import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EventHub, type Stream } from "./hub";

class FakeStream implements Stream {
  readyState = 1;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;
  private readonly heard = new Map<string, (event: MessageEvent<string>) => void>();

  constructor(readonly address: string) {}

  addEventListener(kind: string, listener: (event: MessageEvent<string>) => void): void {
    this.heard.set(kind, listener);
  }

  says(kind: string, data: unknown): void {
    this.heard.get(kind)?.({ data: JSON.stringify(data) } as MessageEvent<string>);
  }

  isRefused(): void {
    this.readyState = 2;
    this.onerror?.();
  }

  close(): void {
    this.closed = true;
  }
}

describe("the hub of events", () => {
  let opened: FakeStream[];
  let hub: EventHub;

  beforeEach(() => {
    vi.useFakeTimers();
    opened = [];
    hub = new EventHub(
      (address) => {
        const stream = new FakeStream(address);
        opened.push(stream);
        return stream;
      },
      async () => {},
    );
  });

  afterEach(() => vi.useRealTimers());

  it("opens nothing for somebody who is not signed in and looks at no video", async () => {
    hub.setSignedIn(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(opened).toEqual([]);
  });

  it("opens one stream for all videos on a page", async () => {
    hub.watch("a");
    hub.watch("b");
    hub.watch("a");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(opened.map((stream) => stream.address)).toEqual(["/api/v1/events?videos=a,b"]);
  });

  it("keeps a video until the last component lets go of it", async () => {
    const first = hub.watch("a");
    const second = hub.watch("a");
    first();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(opened).toHaveLength(1);
    second();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(opened[0]?.closed).toBe(true);
  });

  it("tells only those who listen for the kind", async () => {
    const likes: number[] = [];
    const off = hub.on("like.changed", (data) => likes.push(data.likesCount));
    hub.watch("a");
    await vi.advanceTimersByTimeAsync(1_000);
    opened[0]?.says("like.changed", { video: "a", likesCount: 3 });
    opened[0]?.says("comment.removed", { video: "a", comment: "c" });
    off();
    opened[0]?.says("like.changed", { video: "a", likesCount: 4 });
    expect(likes).toEqual([3]);
  });

  it("begins a new stream when another person signs in", async () => {
    hub.setSignedIn(true);
    await vi.advanceTimersByTimeAsync(1_000);
    hub.setSignedIn(false);
    expect(opened[0]?.closed).toBe(true);
    hub.setSignedIn(true);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(opened).toHaveLength(2);
  });

  it("waits longer each time it is refused", async () => {
    hub.setSignedIn(true);
    await vi.advanceTimersByTimeAsync(1_000);
    opened[0]?.isRefused();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(opened).toHaveLength(2);
    opened[1]?.isRefused();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(opened).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(opened).toHaveLength(3);
  });

  it("rests while the page is in the background, and has all read again afterwards", async () => {
    hub.setSignedIn(true);
    await vi.advanceTimersByTimeAsync(1_000);
    const resync = vi.fn();
    hub.on("resync", resync);
    hub.setHidden(true);
    await vi.advanceTimersByTimeAsync(10_000);
    hub.setHidden(false);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(opened[0]?.closed, "a short look elsewhere costs nothing").toBe(false);
    expect(resync).not.toHaveBeenCalled();

    hub.setHidden(true);
    await vi.advanceTimersByTimeAsync(61_000);
    expect(opened[0]?.closed).toBe(true);
    hub.watch("a");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(opened).toHaveLength(1);
    hub.setHidden(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(opened).toHaveLength(2);
    expect(resync).toHaveBeenCalledOnce();
  });
});
