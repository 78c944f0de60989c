// The transport of a plain browser over the development server: the one-time token of its address is changed for a session,
// which lives in this page's memory alone.
import type { ApiError } from "./generated/ApiError";
import type { CommandName, EventName, Events, RequestOf, ResponseOf, Transport } from "./transport";

/** The pause before events are asked for again after a failure. */
const PAUSE_MS = 1000;

interface Told {
  last: number;
  events: { name: EventName; event: unknown }[];
}

/** Takes the token off the address and opens the session. */
export async function open(): Promise<Transport> {
  const token = /[#&]token=([0-9a-f]+)/.exec(window.location.hash)?.[1];
  window.history.replaceState(null, "", "#/overview");
  const begun = await ask<{ session: string }>("/session", { token: token ?? "" }, "");
  return transport(begun.session);
}

function transport(session: string): Transport {
  const listeners = new Map<EventName, Set<(event: never) => void>>();
  void listen(session, ({ name, event }) => {
    for (const hear of listeners.get(name) ?? []) (hear as (event: unknown) => void)(event);
  });
  return {
    call: <Name extends CommandName>(name: Name, request: RequestOf<Name>) =>
      ask<ResponseOf<Name>>("/call", { name, payload: request }, session),
    subscribe: <Name extends EventName>(name: Name, hear: (event: Events[Name]) => void) => {
      const set = listeners.get(name) ?? new Set();
      set.add(hear);
      listeners.set(name, set);
      return () => void set.delete(hear);
    },
    now: () => Date.now(),
  };
}

async function listen(session: string, tell: (told: Told["events"][number]) => void): Promise<never> {
  let after: number | null = null;
  for (;;) {
    try {
      const told: Told = await ask<Told>("/events", { after }, session);
      after = told.last;
      told.events.forEach(tell);
    } catch {
      // The server is gone or busy; what was missed is read anew by the screens.
      await new Promise((wake) => setTimeout(wake, PAUSE_MS));
    }
  }
}

async function ask<Answer>(path: string, body: unknown, session: string): Promise<Answer> {
  // eslint-disable-next-line no-restricted-globals -- the development server is the app of this transport
  const answer = await fetch(path, {
    method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json", "x-lockstep-session": session },
  });
  const told: unknown = await answer.json();
  if (answer.ok) return told as Answer;
  const error = told as Partial<ApiError> | null;
  throw Object.assign(new Error(error?.message ?? `the server answered ${answer.status}`), {
    code: error?.code ?? "unexpected", message: error?.message ?? `the server answered ${answer.status}`, hint: error?.hint ?? null,
  });
}
