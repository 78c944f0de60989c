// Where the window is: the part of the address after the hash, so that reload and back work and no server is needed.
import { useSyncExternalStore } from "react";

export type Route = { page: "overview" } | { page: "sync"; connection: number | null } | { page: "run"; run: number };

export function read(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [page, id] = path.split("/");
  if (page === "sync") return { page, connection: whole(new URLSearchParams(query).get("connection")) };
  const run = page === "run" ? whole(id ?? null) : null;
  return run === null ? { page: "overview" } : { page: "run", run };
}

export function write(route: Route): string {
  switch (route.page) {
    case "overview":
      return "#/overview";
    case "sync":
      return route.connection === null ? "#/sync" : `#/sync?connection=${route.connection}`;
    case "run":
      return `#/run/${route.run}`;
  }
}

function whole(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

export function go(route: Route): void {
  window.location.hash = write(route);
}

function subscribe(changed: () => void): () => void {
  window.addEventListener("hashchange", changed);
  return () => window.removeEventListener("hashchange", changed);
}

export function useRoute(): Route {
  return read(useSyncExternalStore(subscribe, () => window.location.hash));
}
