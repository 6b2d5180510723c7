import { describe, expect, it } from "vitest";
import { isPartMissing } from "./errors";

describe("a part of the app that could not be loaded", () => {
  it("is known by what browsers say", () => {
    for (const words of [
      "Failed to fetch dynamically imported module: https://videos.example/assets/x.js",
      "error loading dynamically imported module: https://videos.example/assets/x.js",
      "Importing a module script failed.",
      "Unable to preload CSS for /assets/x.css",
    ])
      expect(isPartMissing(new TypeError(words)), words).toBe(true);
  });

  it("is not any error", () => {
    expect(isPartMissing(new TypeError("undefined is not an object"))).toBe(false);
    expect(isPartMissing("Failed to fetch dynamically imported module")).toBe(false);
  });
});
