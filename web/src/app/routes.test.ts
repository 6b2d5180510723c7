import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import known from "../../pages.json";

it("the server knows every page of the app", () => {
  // The table is read as text: the pages themselves need a browser.
  const table = readFileSync(new URL("./routes.tsx", import.meta.url), "utf8");
  const paths = [...table.matchAll(/page\(\s*"([^"]+)"/g)].map((found) => found[1]);
  const pages = paths.filter((path) => path !== "*").map((path) => path?.replace("/:handle", "/@:username"));
  expect(pages.toSorted()).toEqual(known.toSorted());
});
