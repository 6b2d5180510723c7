import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// `npm run dev` takes the API from a server that runs beside it.
const server = process.env.STREAMSPHERE_SERVER ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react()],
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
  },
  server: {
    port: 5173,
    proxy: { "^/(api|media|embed|feeds|oembed)(/|$)": { target: server, changeOrigin: true } },
  },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
});
