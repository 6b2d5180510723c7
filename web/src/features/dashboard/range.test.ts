import { describe, expect, it } from "vitest";
import { asked, granularity, isTellable, parseRange, type Range, shifted, withRange } from "./range";

const read = (text: string) => parseRange(new URLSearchParams(text));

describe("the range in the address", () => {
  it("is four weeks where nothing or nonsense is said", () => {
    for (const text of ["", "range=never", "from=2026-02-30&to=2026-03-01", "from=2026-03-02&to=2026-03-01"])
      expect(read(text)).toEqual({ preset: "28d" });
    expect(read("from=1900-01-01&to=2026-01-01")).toEqual({ preset: "28d" });
  });

  it("comes back as it was written, beside what else is there", () => {
    const query = new URLSearchParams("metric=watchTime&range=7d");
    const own = withRange(query, { from: "2026-10-01", to: "2026-10-31" });
    expect(own.toString()).toBe("metric=watchTime&from=2026-10-01&to=2026-10-31");
    expect(parseRange(own)).toEqual({ from: "2026-10-01", to: "2026-10-31" });
    expect(withRange(own, { preset: "28d" }).toString()).toBe("metric=watchTime");
    expect(withRange(own, { preset: "48h" }).get("range")).toBe("48h");
  });
});

describe("what the server is asked for", () => {
  const now = new Date(2026, 2, 1, 15, 30);
  const since = "2026-01-15";
  const of = (range: Range) => asked({ range, since }, now);

  it("ends with today, and begins so many days before", () => {
    expect(of({ preset: "7d" })).toEqual({ from: "2026-02-23" });
    expect(of({ preset: "28d" })).toEqual({ from: "2026-02-02" });
  });

  it("counts minutes and hours back from now, with the one that is not over", () => {
    expect(of({ preset: "60m" })).toEqual({ from: String(now.getTime() - 59 * 60_000) });
    expect(of({ preset: "48h" })).toEqual({ from: String(now.getTime() - 47 * 3_600_000) });
  });

  it("is all that there is from the first day on", () => {
    expect(of({ preset: "all" })).toEqual({ from: since });
    // A clock that is behind the server's.
    expect(asked({ range: { preset: "all" }, since: "2026-03-02" }, now)).toEqual({ from: "2026-03-01" });
    expect(isTellable({ range: { preset: "all" }, since }, now)).toBe(true);
    expect(isTellable({ range: { preset: "all" }, since: "2025-01-01" }, now)).toBe(false);
    expect(isTellable({ range: { preset: "365d" }, since: "2020-01-01" }, now)).toBe(true);
  });

  it("has the last day of an own range in it", () => {
    expect(of({ from: "2026-02-27", to: "2026-02-28" })).toEqual({
      from: "2026-02-27",
      to: "2026-03-01",
    });
    expect(shifted("2024-02-28", 1)).toBe("2024-02-29");
  });

  it("is in steps that fit its length", () => {
    expect(granularity({ preset: "60m" })).toBe("minute");
    expect(granularity({ preset: "48h" })).toBe("hour");
    expect(granularity({ preset: "90d" })).toBe("day");
    expect(granularity({ from: "2026-02-27", to: "2026-02-28" })).toBe("hour");
    expect(granularity({ from: "2026-02-26", to: "2026-02-28" })).toBe("day");
    expect(isTellable({ range: { from: "2024-01-01", to: "2026-01-01" }, since })).toBe(false);
    expect(isTellable({ range: { from: "2025-06-01", to: "2026-01-01" }, since })).toBe(true);
  });
});
