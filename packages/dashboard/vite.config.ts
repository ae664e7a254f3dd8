import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const stub = fileURLToPath(new URL("./src/app/session/no-engines.ts", import.meta.url));

// Nothing is inlined: the server sends a content security policy that forbids it.
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  resolve: {
    conditions: ["@everdict/source", "browser", "module", "import", "default"],
    // A dashboard talks to a server only; engines that run in the page would be a seventh of it.
    alias: { "@everdict/embedded": stub },
  },
  build: {
    outDir: "dist/site",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    reportCompressedSize: false,
  },
});
