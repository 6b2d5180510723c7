// How much script a first visit of a page loads, compressed (brotli), and whether that is within the budget.
import { readFile } from "node:fs/promises";
import { brotliCompressSync } from "node:zlib";

const KIB = 1024;
// What a page needs before it shows anything: the entry, what it starts with, the page's own part, one language.
const start = ["index.html", "src/app/start.tsx", "src/app/i18n.ts", "node_modules/react-dom/client.js"];
const budgets = [
  {
    name: "home",
    entries: [...start, "src/features/home/HomePage.tsx", "src/locales/en/index.ts"],
    limit: 250 * KIB,
  },
  {
    name: "watch, before the player's engine",
    entries: [...start, "src/features/watch/WatchPage.tsx", "src/locales/en/index.ts"],
    limit: 290 * KIB,
  },
  {
    name: "embed, before the player's engine",
    entries: [
      "embed.html",
      "src/embed/start.tsx",
      "src/app/i18n.ts",
      "node_modules/react-dom/client.js",
      "src/locales/en/index.ts",
    ],
    limit: 200 * KIB,
  },
];

const root = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(await readFile(new URL("manifest.json", root), "utf8"));
const sizes = new Map();

async function size(file) {
  if (!sizes.has(file))
    sizes.set(file, brotliCompressSync(await readFile(new URL(`app/${file}`, root))).length);
  return sizes.get(file);
}

let failed = false;
for (const { name, entries, limit } of budgets) {
  const chunks = new Set();
  const add = (key) => {
    const chunk = manifest[key];
    if (!chunk) throw new Error(`The build has no ${key}`);
    if (chunks.has(chunk)) return;
    chunks.add(chunk);
    for (const imported of chunk.imports ?? []) add(imported);
  };
  entries.forEach(add);
  let script = 0;
  let style = 0;
  const styles = new Set();
  for (const chunk of chunks) {
    if (chunk.file.endsWith(".js")) script += await size(chunk.file);
    for (const file of chunk.css ?? []) styles.add(file);
  }
  for (const file of styles) style += await size(file);
  const verdict = script <= limit ? "within" : "OVER";
  if (script > limit) failed = true;
  console.log(
    `${name}: ${(script / KIB).toFixed(1)} KiB of script (${verdict} ${limit / KIB}), ${(style / KIB).toFixed(1)} KiB of style`,
  );
}
process.exit(failed ? 1 : 0);
