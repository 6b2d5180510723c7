import { expect, it } from "vitest";
import { asked, countOf, filterOf, NO_FILTER, tagOf, withFilter } from "./filter";

it("a filter stands in the address, beside what else is there", () => {
  const query = new URLSearchParams("q=tea&type=videos&within=week&length=ages");
  const filter = filterOf(query);
  expect(filter).toEqual({ within: "week", length: null, sort: "relevance" });
  expect(countOf(filter)).toBe(1);
  const next = withFilter(query, { within: null, length: "long", sort: "views" });
  expect(next.toString()).toBe("q=tea&type=videos&length=long&sort=views");
  expect(filterOf(next)).toEqual({ within: null, length: "long", sort: "views" });
  expect(withFilter(next, NO_FILTER).toString()).toBe("q=tea&type=videos");
});

it("only what is chosen is asked of the server", () => {
  expect(asked(NO_FILTER)).toEqual({});
  expect(asked({ within: "day", length: null, sort: "createdAt" })).toEqual({
    within: "day",
    sortBy: "createdAt",
  });
});

it("a tag stands in the address, unless words are looked for", () => {
  expect(tagOf(new URLSearchParams("tag=%23harbour"))).toEqual({ tag: "harbour", sort: "createdAt" });
  expect(tagOf(new URLSearchParams("tag=night+fish&sort=views"))).toEqual({
    tag: "night fish",
    sort: "views",
  });
  expect(tagOf(new URLSearchParams("tag=harbour&sort=relevance"))?.sort).toBe("createdAt");
  expect(tagOf(new URLSearchParams("tag=harbour&q=tea"))).toBeNull();
  expect(tagOf(new URLSearchParams("tag=+"))).toBeNull();
});
