import { expect, it } from "vitest";
import de from "./de";
import en from "./en";

/** Every key with the values to put in, in order: `watch.player.seekAt {{duration}} {{time}}`. */
function keys(texts: object, path = ""): string[] {
  return Object.entries(texts)
    .flatMap(([name, value]) => {
      if (typeof value === "object") return keys(value, `${path}${name}.`);
      const values = [...String(value).matchAll(/\{\{\w+\}\}/g)].map((found) => found[0]).sort();
      return [`${path}${name} ${[...new Set(values)].join(" ")}`.trim()];
    })
    .sort();
}

it("every language says the same things", () => {
  expect(keys(de)).toEqual(keys(en));
});
