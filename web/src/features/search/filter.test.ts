import { expect, it } from "vitest";
import { asked, countOf, filterOf, NO_FILTER, withFilter } from "./filter";

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
