import { expect, it } from "vitest";
import { destination } from "./destination";

const HERE = "https://videos.example";

it("after signing in one goes back to the page where one was", () => {
  expect(destination("/watch/1?t=5#comments", HERE)).toBe("/watch/1?t=5#comments");
  expect(destination(null, HERE)).toBe("/");
});

it("an address that leads elsewhere leads to the first page", () => {
  for (const to of [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "javascript:alert(1)",
    "watch/1",
    "",
  ])
    expect(destination(to, HERE)).toBe("/");
});
