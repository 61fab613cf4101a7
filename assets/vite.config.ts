import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
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

/** How each content coding is made, at its best: the page is compressed once, and sent many times. */
const CODINGS = { br: (data: Buffer) => brotliCompressSync(data), gzip: (data: Buffer) => gzipSync(data, { level: 9 }) };

/**
 * Puts every file of text beside itself once more in each coding, as `br/assets/…`. Not under names that end in .br and
 * .gz: aiohttp would choose those by itself, also for who refuses them.
 */
const compressed: Plugin = {
  name: "compressed",
  async writeBundle({ dir = "." }, bundle) {
    const texts = Object.keys(bundle).filter((name) => /\.(?:js|css|svg|html)$/u.test(name));
    for (const name of texts) {
      const data = await readFile(join(dir, name));
      for (const [coding, compress] of Object.entries(CODINGS)) {
        const small = compress(data);
        if (small.length >= data.length) continue;
        await mkdir(dirname(join(dir, coding, name)), { recursive: true });
        await writeFile(join(dir, coding, name), small);
      }
    }
  },
};

/** Most bytes of script, in brotli, that come before a room can be seen. What the first view does not need comes later. */
const FIRST_VIEW = 60_000;

/** Refuses a page whose first view has grown too heavy: its entry, with all that this one imports at once. */
const budget: Plugin = {
  name: "budget",
  generateBundle(_, bundle) {
    const first = new Set(Object.values(bundle).flatMap((file) => (file.type === "chunk" && file.isEntry ? [file.fileName] : [])));
    let weight = 0;
    for (const name of first) {
      const chunk = bundle[name];
      if (chunk?.type !== "chunk") continue;
      chunk.imports.forEach((other) => first.add(other));
      weight += brotliCompressSync(chunk.code).length;
    }
    if (weight > FIRST_VIEW) {
      this.error(`The first view needs ${weight} bytes of script (${[...first].join(", ")}); ${FIRST_VIEW} is the most. Load later what it does not show.`);
    }
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
  plugins: [svelte(), windowIcon, budget, compressed],
  build: {
    outDir: "../lanchat/web/ui",
    emptyOutDir: true,
    target: "es2022",
    // One style sheet, so that what is loaded later needs no help: its styles are here already.
    modulePreload: false,
    cssCodeSplit: false,
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
