import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// `npm run dev` takes the API from a server that runs beside it.
const server = process.env.STREAMSPHERE_SERVER ?? "http://127.0.0.1:8000";

/** What main.tsx loads piece by piece is named in the page, so that all of it is on the way at once. */
function startAtOnce(): Plugin {
  return {
    name: "start-at-once",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle = {}, chunk: entry }) {
        const files = new Set<string>();
        const add = (file: string) => {
          const chunk = bundle[file];
          if (chunk?.type !== "chunk" || files.has(file)) return;
          files.add(file);
          chunk.imports.forEach(add);
        };
        entry?.dynamicImports.forEach(add);
        return [...files]
          .filter((file) => !html.includes(`/${file}"`))
          .map((file) => ({
            tag: "link",
            attrs: { rel: "modulepreload", crossorigin: true, href: `/${file}` },
            injectTo: "head" as const,
          }));
      },
    },
  };
}

export default defineConfig({
  plugins: [react(), startAtOnce()],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  build: {
    // The folder above stays when this one is emptied; the build of the server looks into it.
    outDir: "dist/app",
    emptyOutDir: true,
    target: ["chrome111", "edge111", "firefox114", "safari16.4"],
    // Nothing inline: the policy allows files only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: "manifest.json",
    chunkSizeWarningLimit: 700,
    rolldownOptions: { input: ["index.html", "embed.html"] },
  },
  server: {
    port: 5173,
    proxy: { "^/(api|media|embed|feeds|oembed)(/|$)": { target: server, changeOrigin: true } },
  },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
});
