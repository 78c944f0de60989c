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
    css: false,
    // A look over a whole page by axe-core takes seconds on a busy machine.
    testTimeout: 30_000,
  },
}));
