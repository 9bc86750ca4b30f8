import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

const page = (name: string) => resolve(import.meta.dirname, name, "index.html");

/** GraphiQL's style sheet carries its fonts as data: addresses, which the policy of the page forbids. */
const withoutFonts = {
  name: "without-fonts",
  enforce: "pre" as const,
  transform(code: string, id: string) {
    return /graphiql.*\.css/.test(id) ? { code: code.replace(/@font-face\s*{[^}]*}/g, ""), map: null } : undefined;
  },
};

export default defineConfig({
  plugins: [withoutFonts],
  // The service forbids inline scripts, styles and data: addresses on its pages.
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    license: { fileName: "licenses.md" },
    manifest: true,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200, // GraphiQL is large
    rolldownOptions: {
      input: { graphiql: page("graphiql"), admin: page("admin"), shop: page("shop") },
      // "use client" means nothing in a page that has no server side.
      onLog: (level, log, report) => log.code === "MODULE_LEVEL_DIRECTIVE" || report(level, log),
    },
  },
  // `npx vite` beside a running service.
  server: { proxy: { "/graphql": { target: "http://127.0.0.1:8000", ws: true }, "/shop/order": "http://127.0.0.1:8000" } },
  // No test changes what another one sees: a worker is shared, and starts once.
  test: { include: ["**/*.test.ts"], isolate: false },
});
