// What a made-up account offers, and connections that are made of it. Companies and people are invented.
import type { ConnectionCard } from "./generated/ConnectionCard";
import type { ConnectionList } from "./generated/ConnectionList";
import type { KeychainState } from "./generated/KeychainState";
import type { ScopeChoice } from "./generated/ScopeChoice";
import type { SettingsPicture } from "./generated/SettingsPicture";
import { type Some, refused } from "./memory-kit";

const OFFERS: ScopeChoice[] = [
  { scope: { container: "", ticket_type: "incident" }, label: "Incident", customers_read: false },
  { scope: { container: "CSD", ticket_type: "10101" }, label: "CSD · Incident", customers_read: true },
];

interface SettingUpWorld {
  connections: ConnectionCard[];
  keychain: KeychainState;
  settings: SettingsPicture;
}

/** What `list_connections` answers. */
export function listed({ connections, keychain, settings }: SettingUpWorld): ConnectionList {
  return { connections, keychain, paused: settings.settings.paused };
}

export function settingUpHandlers(world: SettingUpWorld, make: () => ConnectionCard): Some<"list_scopes" | "add_connection" | "remove_connection"> {
  return {
    list_scopes: () => OFFERS,
    add_connection: ({ name }) => {
      if (world.connections.some((connection) => connection.name === name)) throw refused("invalid", `there is a connection called ${name} already`);
      const id = Math.max(0, ...world.connections.map((connection) => connection.id)) + 1;
      const card = { ...make(), id, name };
      world.connections = [...world.connections, card];
      return card;
    },
    remove_connection: ({ connection }) => {
      world.connections = world.connections.filter((one) => one.id !== connection);
      return listed(world);
    },
  };
}
