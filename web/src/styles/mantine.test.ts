import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const src = new URL("..", import.meta.url).pathname;
const styles = new URL("../../node_modules/@mantine/core/styles", import.meta.url).pathname;

it("the styles of every component that is used are there", () => {
  const used = new Set<string>();
  for (const file of readdirSync(src, { recursive: true, encoding: "utf8" })) {
    if (!/\.tsx?$/.test(file) || file.endsWith(".test.ts")) continue;
    const text = readFileSync(join(src, file), "utf8");
    for (const [, names] of text.matchAll(/import \{([^}]+)\} from "@mantine\/core"/g)) {
      for (const name of names?.split(",") ?? []) used.add(name.trim());
    }
  }
  const list = readFileSync(join(src, "styles/mantine.css"), "utf8");
  const missing = [...used].filter(
    (name) => existsSync(join(styles, `${name}.css`)) && !list.includes(`/${name}.css`),
  );
  expect(missing).toEqual([]);
});
