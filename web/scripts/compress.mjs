// Writes .br and .gz beside every file that is worth it, so that the server never compresses while somebody waits.
import { readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const root = new URL("../dist/app/", import.meta.url).pathname;
const worth = /\.(js|css|html|svg|json|webmanifest)$/;

// Only for the budget; not to be served.
await rename(join(root, "manifest.json"), join(root, "../manifest.json"));

for (const entry of await readdir(root, { recursive: true })) {
  const file = join(root, entry);
  if (!worth.test(entry) || !(await stat(file)).isFile()) continue;
  // The page is written anew for each address.
  if (entry === "index.html") continue;
  const bytes = await readFile(file);
  if (bytes.length < 1024) continue;
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  await writeFile(`${file}.br`, brotliCompressSync(bytes, { params }));
  await writeFile(`${file}.gz`, gzipSync(bytes, { level: 9 }));
}
