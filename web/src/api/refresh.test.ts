import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

/** What the server was asked, in order. */
let asked: string[];
/** Whether the access cookie is good. */
let isFresh: boolean;
let refreshStatus: number;

class Memory {
  private readonly kept = new Map<string, string>();
  getItem = (key: string) => this.kept.get(key) ?? null;
  setItem = (key: string, value: string) => void this.kept.set(key, value);
  removeItem = (key: string) => void this.kept.delete(key);
}

/** A module as a tab has it: state of its own, storage shared with the others. */
async function tab() {
  vi.resetModules();
  return import("./refresh");
}

const MINUTE = 60_000;
const call = (method = "GET") => new Request("http://site.example/api/v1/users/history", { method });

describe("a session", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000_000_000 });
    asked = [];
    isFresh = true;
    refreshStatus = 200;
    vi.stubGlobal("localStorage", new Memory());
    let last: Promise<unknown> = Promise.resolve();
    const request = (_: string, work: () => Promise<unknown>) => {
      last = last.then(work, work);
      return last;
    };
    vi.stubGlobal("navigator", { onLine: true, locks: { request } });
    vi.stubGlobal("fetch", async (input: Request | string, options?: RequestInit) => {
      const path = typeof input === "string" ? input : new URL(input.url).pathname;
      asked.push(`${options?.method ?? (input as Request).method} ${path.replace("/api/v1/users/", "")}`);
      if (path.endsWith("refresh-token")) {
        if (refreshStatus === 200) isFresh = true;
        return new Response("{}", { status: refreshStatus });
      }
      return new Response("{}", { status: isFresh ? 200 : 401 });
    });
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("is left alone while it is fresh", async () => {
    const here = await tab();
    here.noteRenewed();
    vi.advanceTimersByTime(7 * MINUTE);
    await here.fetchWithSession(call());
    expect(asked).toEqual(["GET history"]);
  });

  it("is renewed before it ends", async () => {
    const here = await tab();
    here.noteRenewed();
    vi.advanceTimersByTime(9 * MINUTE);
    await here.fetchWithSession(call());
    expect(asked).toEqual(["POST refresh-token", "GET history"]);
  });

  it("is renewed once for calls at the same time", async () => {
    const here = await tab();
    here.noteRenewed();
    vi.advanceTimersByTime(9 * MINUTE);
    await Promise.all([here.fetchWithSession(call()), here.fetchWithSession(call()), here.keepFresh()]);
    expect(asked.filter((one) => one.includes("refresh"))).toHaveLength(1);
  });

  it("is renewed once for all tabs", async () => {
    const here = await tab();
    here.noteRenewed();
    const there = await tab();
    vi.advanceTimersByTime(9 * MINUTE);
    await Promise.all([here.fetchWithSession(call()), there.fetchWithSession(call())]);
    expect(asked.filter((one) => one.includes("refresh"))).toHaveLength(1);
  });

  it("is renewed where a call is refused, and the call sent again, whatever it is", async () => {
    const here = await tab();
    here.noteRenewed();
    vi.advanceTimersByTime(MINUTE);
    isFresh = false;
    const answer = await here.fetchWithSession(call("POST"));
    expect(answer.status).toBe(200);
    expect(asked).toEqual(["POST history", "POST refresh-token", "POST history"]);
  });

  it("is over when the server says so, and nobody asks again", async () => {
    const here = await tab();
    here.noteRenewed();
    vi.advanceTimersByTime(MINUTE);
    isFresh = false;
    refreshStatus = 401;
    const told = vi.fn();
    here.onEnded(told);
    expect((await here.fetchWithSession(call())).status).toBe(401);
    expect(told).toHaveBeenCalledOnce();
    expect(here.mayBeSignedIn()).toBe(false);
    asked = [];
    await here.fetchWithSession(call());
    expect(asked).toEqual(["GET history"]);
  });

  it("is not over because the server is busy", async () => {
    const here = await tab();
    here.noteRenewed();
    vi.advanceTimersByTime(9 * MINUTE);
    refreshStatus = 503;
    await here.fetchWithSession(call());
    expect(here.mayBeSignedIn()).toBe(true);
  });

  it("sends what may be sent twice again when the connection is lost, and nothing else", async () => {
    const here = await tab();
    let lost = 1;
    const sent = vi.fn(async () => {
      if (lost-- > 0) throw new TypeError("Failed to fetch");
      return new Response("{}");
    });
    vi.stubGlobal("fetch", sent);
    const answer = here.fetchWithSession(call("PUT"));
    await vi.advanceTimersByTimeAsync(1_000);
    expect((await answer).status).toBe(200);
    expect(sent).toHaveBeenCalledTimes(2);
    lost = 1;
    sent.mockClear();
    await expect(here.fetchWithSession(call("POST"))).rejects.toThrow("Failed to fetch");
    expect(sent).toHaveBeenCalledTimes(1);
  });
});
