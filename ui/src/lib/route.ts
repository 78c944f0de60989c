// Where the window is: the part of the address after the hash, so that reload and back work and no server is needed.
import { useSyncExternalStore } from "react";

/** The tabs of a connection, in their order. */
export const TABS = ["status", "setup", "mapping", "description", "templates", "runs"] as const;
export type Tab = (typeof TABS)[number];

/** Screens that an address names without anything more. */
const PLAIN = ["settings"] as const;
/** Screens of many tickets; an address may name the one that is looked for. */
const OF_TICKETS = ["conflicts", "quarantine", "links"] as const;

export type Route =
  | { page: (typeof PLAIN)[number] }
  /** With the dialog of a new connection open. */
  | { page: "overview"; make?: true }
  | { page: (typeof OF_TICKETS)[number]; ticket?: string }
  | { page: "accounts"; account?: string }
  | { page: "sync"; connection: number | null }
  | { page: "run"; run: number }
  | { page: "plan"; plan: number }
  | { page: "connection"; connection: number; tab: Tab };

export function read(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [page, id, part] = path.split("/");
  if (page === "sync") return { page, connection: whole(new URLSearchParams(query).get("connection")) };
  if (page === "accounts") {
    const account = new URLSearchParams(query).get("account");
    return account === null ? { page } : { page, account };
  }
  const many = OF_TICKETS.find((one) => one === page);
  if (many !== undefined) {
    const ticket = new URLSearchParams(query).get("ticket");
    return ticket === null ? { page: many } : { page: many, ticket };
  }
  if (page === "overview" && new URLSearchParams(query).has("new")) return { page, make: true };
  const plain = PLAIN.find((one) => one === page);
  if (plain !== undefined) return { page: plain };
  const number = whole(id ?? null);
  if (number === null) return { page: "overview" };
  switch (page) {
    case "run":
      return { page, run: number };
    case "plan":
      return { page, plan: number };
    case "connection":
      return { page, connection: number, tab: TABS.find((tab) => tab === part) ?? "status" };
    default:
      return { page: "overview" };
  }
}

export function write(route: Route): string {
  switch (route.page) {
    case "sync":
      return route.connection === null ? "#/sync" : `#/sync?connection=${route.connection}`;
    case "overview":
      return route.make === true ? "#/overview?new" : "#/overview";
    case "accounts":
      return route.account === undefined ? "#/accounts" : `#/accounts?account=${encodeURIComponent(route.account)}`;
    case "conflicts":
    case "quarantine":
    case "links":
      return route.ticket === undefined ? `#/${route.page}` : `#/${route.page}?ticket=${encodeURIComponent(route.ticket)}`;
    case "run":
      return `#/run/${route.run}`;
    case "plan":
      return `#/plan/${route.plan}`;
    case "connection":
      return `#/connection/${route.connection}/${route.tab}`;
    default:
      return `#/${route.page}`;
  }
}

function whole(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** Accounts, at one of them where it is known which. */
export function accountsAt(account: string | null): Route {
  return account === null ? { page: "accounts" } : { page: "accounts", account };
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
