// What a made-up account offers, and connections that are made of it. Companies and people are invented.
import type { AccountView } from "./generated/AccountView";
import type { ConnectionCard } from "./generated/ConnectionCard";
import type { ConnectionList } from "./generated/ConnectionList";
import type { KeychainState } from "./generated/KeychainState";
import type { ScopeChoice } from "./generated/ScopeChoice";
import type { SettingsPicture } from "./generated/SettingsPicture";
import { type Some, refused } from "./memory-kit";

const TABLES: ScopeChoice[] = [
  { scope: { container: "", ticket_type: "incident" }, label: "Incident", customers_read: false },
  { scope: { container: "", ticket_type: "sc_task" }, label: "Catalog task", customers_read: false },
  { scope: { container: "", ticket_type: "problem" }, label: "Problem", customers_read: false },
];
const PROJECTS: ScopeChoice[] = [
  { scope: { container: "CSD", ticket_type: "10007" }, label: "CSD · Incident", customers_read: true },
  { scope: { container: "CSD", ticket_type: "10008" }, label: "CSD · Task", customers_read: true },
  { scope: { container: "CSD", ticket_type: "10007", request_type: "25" }, label: "CSD · Report a fault (request type)", customers_read: true },
  { scope: { container: "OPS", ticket_type: "10007" }, label: "OPS · Incident", customers_read: false },
  { scope: { container: "OPS", ticket_type: "10012" }, label: "OPS · Change", customers_read: false },
];

/** When every made-up deleted connection was deleted. */
const REMOVED_MS = Date.parse("2026-05-11T09:30:00Z");

interface SettingUpWorld {
  accounts: AccountView[];
  connections: ConnectionCard[];
  /** Deleted ones that can be brought back. */
  removed: ConnectionCard[];
  keychain: KeychainState;
  settings: SettingsPicture;
}

/** What `list_connections` answers. */
export function listed({ connections, keychain, settings }: Omit<SettingUpWorld, "removed">): ConnectionList {
  return { connections, keychain, paused: settings.settings.paused };
}

export function settingUpHandlers(world: SettingUpWorld, make: () => ConnectionCard): Some<"list_scopes" | "add_connection" | "remove_connection" | "rename_connection" | "duplicate_connection" | "removed_connections" | "restore_connection"> {
  const of = (id: number) => {
    const found = world.connections.find((connection) => connection.id === id);
    if (found === undefined) throw refused("not_found", "this connection is not there any more");
    return found;
  };
  const free = (name: string) => {
    if (world.connections.some((connection) => connection.name === name)) throw refused("invalid", `there is a connection called ${name} already`, "Choose another name.");
  };
  return {
    rename_connection: ({ connection, name }) => {
      const found = of(connection);
      if (found.name !== name) free(name);
      found.name = name;
      return found;
    },
    duplicate_connection: ({ connection, name }) => {
      free(name);
      const card = { ...structuredClone(of(connection)), id: Math.max(0, ...world.connections.map((one) => one.id)) + 1, name, links: 0, automatic: false, first_run: true, last_run: null };
      world.connections = [...world.connections, card];
      return card;
    },
    removed_connections: () => world.removed.map(({ id, name }) => ({ id, name, removed_ms: REMOVED_MS, kept_until_ms: REMOVED_MS + 30 * 86_400_000 })),
    restore_connection: ({ connection }) => {
      world.connections = [...world.connections, ...world.removed.filter((one) => one.id === connection)];
      world.removed = world.removed.filter((one) => one.id !== connection);
      return world.removed.map(({ id, name }) => ({ id, name, removed_ms: REMOVED_MS, kept_until_ms: REMOVED_MS + 30 * 86_400_000 }));
    },
    list_scopes: ({ account }) => {
      const side = world.connections.flatMap((each) => [each.source_side, each.target_side]).find((each) => each.account === account);
      const platform = world.accounts.find((each) => each.name === account)?.platform ?? side?.platform;
      return platform === "jira" ? PROJECTS : TABLES;
    },
    add_connection: ({ name }) => {
      if (world.connections.some((connection) => connection.name === name)) throw refused("invalid", `there is a connection called ${name} already`);
      const id = Math.max(0, ...world.connections.map((connection) => connection.id)) + 1;
      const card = { ...make(), id, name };
      world.connections = [...world.connections, card];
      return card;
    },
    remove_connection: ({ connection }) => {
      world.removed = [...world.removed, of(connection)];
      world.connections = world.connections.filter((one) => one.id !== connection);
      return listed(world);
    },
  };
}
