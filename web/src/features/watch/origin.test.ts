import { expect, it } from "vitest";
import { sourceOf } from "./origin";

it("pages that lead to a video have the names that the server knows", () => {
  expect(
    ["/", "/search", "/@asha/videos", "/watch/1", "/playlist/1", "/subscriptions"].map(sourceOf),
  ).toEqual(["home", "search", "channel", "related", "playlist", "subscriptions"]);
  expect(["", "/history", "/studio"].map(sourceOf)).toEqual([undefined, undefined, undefined]);
});
