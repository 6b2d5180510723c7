// Writes src/api/schema.ts from the OpenAPI document that the server is tested against.
// With --check it writes nothing and fails where the file would change.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const document = new URL("../../crates/streamsphere/tests/it/api/openapi.json", import.meta.url);
const target = new URL("../src/api/schema.ts", import.meta.url);

const spec = JSON.parse(await readFile(document, "utf8"));
for (const [path, methods] of Object.entries(spec.paths)) {
  // Other spellings of the same, for old clients.
  for (const [method, operation] of Object.entries(methods)) {
    if (operation.deprecated) delete methods[method];
  }
  if (Object.keys(methods).length === 0) delete spec.paths[path];
}
// Examples are for people; they would only make the file long.
for (const schema of Object.values(spec.components.schemas)) delete schema.examples;

const head = "// Made from the OpenAPI document by `npm run api`. Do not change it by hand.\n\n";
const text = head + astToString(await openapiTS(spec, { alphabetize: true, defaultNonNullable: false }));

if (process.argv.includes("--check")) {
  const there = await readFile(target, "utf8").catch(() => "");
  if (there !== text) {
    console.error("src/api/schema.ts is not what the OpenAPI document says. Run `npm run api` in web/.");
    process.exit(1);
  }
} else {
  await writeFile(target, text);
}
