// Starts the pages: over Tauri in the window, over made-up data when built with `--mode memory`, over the development server
// with `--mode server`.
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { type Transport, TransportProvider } from "./api/transport";
import { App } from "./app";
import { followPreferences } from "./lib/preferences";
import { follow } from "./lib/theme";
import "./styles/tokens.css";
import "./styles/base.css";

async function transport(): Promise<Transport> {
  if (import.meta.env.MODE === "server") return (await import("./api/server")).open();
  if (import.meta.env.MODE === "memory") return (await import("./api/memory")).fromAddress();
  return (await import("./api/tauri")).tauri;
}

async function start(): Promise<void> {
  follow();
  followPreferences();
  const root = document.getElementById("root");
  if (root === null) throw new Error("the page has no #root");
  const door = await transport();
  createRoot(root).render(
    <StrictMode>
      <TransportProvider value={door}>
        <App />
      </TransportProvider>
    </StrictMode>,
  );
}

void start();
