// The desktop around the made-up app: nothing closes, nothing opens, and what was asked for is in `calls`.
import type { SettingsPicture } from "./generated/SettingsPicture";
import type { Some } from "./memory-kit";

export interface ShellWorld {
  settings: SettingsPicture;
}

export function emptyShell(): ShellWorld {
  return {
    settings: {
      settings: {
        paused: false, keep_days: 90, start_in_tray: false, close_told: false,
        notify: { sign_in_needed: true, stalled: true, decision: true, run_failed: true, quiet_from_hour: 0, quiet_to_hour: 0 },
      },
      opens_at_login: false, version: "0.1.0", data_folder: "/home/ada/.local/share/lockstep",
    },
  };
}

type Names = "close_window" | "read_settings" | "save_settings" | "open_at_login" | "open_ticket";

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
  };
}
