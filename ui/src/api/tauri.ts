// The transport of the real window. The only file that knows Tauri.
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { CommandName, EventName, Events, RequestOf, ResponseOf, Transport } from "./transport";

export const tauri: Transport = {
  call: <Name extends CommandName>(name: Name, request: RequestOf<Name>) =>
    invoke<ResponseOf<Name>>("call", { name, payload: request }),
  subscribe: <Name extends EventName>(name: Name, hear: (event: Events[Name]) => void) => {
    const listening = listen<Events[Name]>(name, (event) => hear(event.payload));
    return () => void listening.then((stop) => stop());
  },
  now: () => Date.now(),
};
