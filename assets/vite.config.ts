import { readFile } from "node:fs/promises";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin } from "vitest/config";

/** The node that the development server passes sockets and tokens on to. */
const NODE = process.env["LANCHAT_NODE"] ?? "http://127.0.0.1:28280";

/** Puts the icon beside the page under its own name, for the native window. */
const windowIcon: Plugin = {
  name: "window-icon",
  async generateBundle() {
    const source = await readFile(new URL("icon.png", import.meta.url));
    this.emitFile({ type: "asset", fileName: "icon.png", source });
  },
};

/** A node answers only requests of its own origin. */
const toNode = {
  target: NODE,
  changeOrigin: true,
  headers: { origin: NODE },
};

export default defineConfig({
  base: "./",
  publicDir: false,
  plugins: [svelte(), windowIcon],
  build: {
    outDir: "../lanchat/web/ui",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    // The page's policy forbids data: addresses for everything but pictures.
    assetsInlineLimit: 0,
    license: { fileName: "licenses.md" },
  },
  server: {
    host: "127.0.0.1",
    proxy: { "/ws": { ...toNode, ws: true }, "/token": toNode },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
