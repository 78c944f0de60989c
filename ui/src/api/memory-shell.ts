// The desktop around the made-up app: nothing closes, nothing opens, and what was asked for is in `calls`. Its file dialogs answer
// with the file in the world, or with none.
import type { ConfigOffer } from "./generated/ConfigOffer";
import type { SettingsPicture } from "./generated/SettingsPicture";
import type { Some } from "./memory-kit";

export interface ShellWorld {
  settings: SettingsPicture;
  /** The name of the file that a dialog answers with; null: the person thinks better of it. */
  file: string | null;
  /** What the chosen configuration would change. */
  offer: Omit<ConfigOffer, "file">;
}

export function emptyShell(): ShellWorld {
  return {
    file: "lockstep.toml",
    offer: {
      problems: [], strangers: [],
      changes: [
        { kind: "account", name: "Corvane", before: '[[account]]\nname = "Corvane"', after: '[[account]]\nname = "Corvane"' },
        { kind: "connection", name: "Dunmarrow incidents", before: 'interval_seconds = 300\nsource = "Corvane"', after: 'interval_seconds = 60\nsource = "Corvane"' },
        { kind: "connection", name: "Holt incidents", before: null, after: 'interval_seconds = 300\nsource = "Corvane"' },
      ],
    },
    settings: {
      settings: {
        paused: false, keep_days: 90, start_in_tray: false, close_told: false,
        notify: { sign_in_needed: true, stalled: true, decision: true, run_failed: true, quiet_from_hour: 0, quiet_to_hour: 0 },
      },
      opens_at_login: false, version: "0.1.0", data_folder: "/home/ada/.local/share/lockstep",
    },
  };
}

type Names = "close_window" | "read_settings" | "save_settings" | "open_at_login" | "open_ticket"
  | "export_configuration" | "choose_configuration" | "compare_configuration" | "import_configuration" | "back_up" | "open_data_folder";

export function shellHandlers(world: ShellWorld): Some<Names> {
  return {
    close_window: () => ({}),
    read_settings: () => world.settings,
    save_settings: (settings) => {
      world.settings = { ...world.settings, settings };
      return world.settings;
    },
    open_at_login: ({ on }) => {
      world.settings = { ...world.settings, opens_at_login: on };
      return world.settings;
    },
    open_ticket: () => ({}),
    export_configuration: () => ({ file: world.file, bytes: world.file === null ? 0 : 4_812 }),
    choose_configuration: () => (world.file === null ? { file: null, problems: [], strangers: [], changes: [] } : { file: world.file, ...world.offer }),
    compare_configuration: ({ accounts }) => ({
      file: world.file, ...world.offer, strangers: world.offer.strangers.filter((name) => accounts[name] === undefined),
    }),
    import_configuration: () => {
      const names = (kind: string, added: boolean) => world.offer.changes.filter((one) => one.kind === kind && (one.before === null) === added && one.before !== one.after).map((one) => one.name);
      return {
        accounts_added: names("account", true), accounts_changed: names("account", false), connections_added: names("connection", true), connections_changed: names("connection", false),
        unchanged: world.offer.changes.filter((one) => one.before === one.after).map((one) => one.name), need_sign_in: names("account", true),
      };
    },
    back_up: () => ({ file: world.file === null ? null : "lockstep-2026-05-12.backup", bytes: world.file === null ? 0 : 77_594_624 }),
    open_data_folder: () => ({}),
  };
}
