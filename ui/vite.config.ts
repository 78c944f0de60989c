// Builds the pages for the window. Nothing is inlined: the content security policy allows files of our own and no data: addresses.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig(({ mode }) => ({
  base: "./",
  plugins: [react()],
  clearScreen: false,
  server: { port: 5173, strictPort: true },
  build: {
    // `--mode memory` is the same app over made-up data, for pictures and design work; it is never shipped.
    outDir: mode === "memory" ? "node_modules/.memory" : "dist",
    emptyOutDir: true,
    target: ["es2022", "safari16.4"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/test/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    // Rules draw nothing in a test; one reads them as text.
    css: { include: [/\.css\?raw/] },
    // Screens under axe and long walks take seconds on a machine that builds beside them.
    testTimeout: 60_000,
  },
}));
