// The app over made-up data, in memory: for tests, pictures and design work in a browser. Companies and people are invented.
import type { ConnectionCard } from "./generated/ConnectionCard";
import type { KeychainState } from "./generated/KeychainState";
import type { RunPicture } from "./generated/RunPicture";
import type { RunProgress } from "./generated/RunProgress";
import type { RunView } from "./generated/RunView";
import type { TicketPage } from "./generated/TicketPage";
import type { TicketView } from "./generated/TicketView";
import type { Trouble } from "./generated/Trouble";
import type { ApiError } from "./generated/ApiError";
import { accountHandlers, type AccountWorld, emptyAccounts } from "./memory-accounts";
import { editingHandlers, type EditorWorld, emptyEditor } from "./memory-editing";
import { type Handlers, refused } from "./memory-kit";
import { planHandlers, type PlanWorld } from "./memory-plans";
import { listed, settingUpHandlers } from "./memory-setting-up";
import { emptyShell, shellHandlers, type ShellWorld } from "./memory-shell";
import { planned } from "./memory-plans-data";
import { emptyTickets, ticketHandlers, type TicketWorld } from "./memory-tickets";
import { emptyTrying, tryHandlers, type TryWorld } from "./memory-trying";
import type { CommandName, EventName, Events, Transport } from "./transport";
import { ended, practiceCard, practiceRun, progressSteps, script, stillNow } from "./memory-data";

/** Tickets of one answer. */
const TICKETS_SHOWN = 200;

export interface World extends AccountWorld, TicketWorld, PlanWorld, ShellWorld {
  trying: TryWorld;
  editor: EditorWorld;
  now: number;
  connections: ConnectionCard[];
  removed: ConnectionCard[];
  runs: RunView[];
  details: Map<number, RunPicture>;
  working: RunProgress[];
  trouble: Trouble | null;
  keychain: KeychainState;
  /** Commands that fail, with what. */
  failing: Partial<Record<CommandName, ApiError>>;
  /** Milliseconds between the steps of a made-up run; null leaves a run at its first step. */
  stepMs: number | null;
}

/** A world without anything in it. */
export function emptyWorld(): World {
  return {
    now: stillNow, connections: [], removed: [], runs: [], details: new Map(), working: [], trouble: null, keychain: "ready", failing: {}, stepMs: 60,
    ...emptyAccounts(), ...emptyTickets(), ...emptyShell(), plans: new Map(), trying: emptyTrying(), editor: emptyEditor(() => stillNow),
  };
}

export interface Memory extends Transport {
  world: World;
  /** What was called, for tests. */
  calls: { name: CommandName; request: unknown }[];
  tell: <Name extends EventName>(name: Name, event: Events[Name]) => void;
}

export function memory(world: World = emptyWorld()): Memory {
  const listeners = new Map<EventName, Set<(event: never) => void>>();
  const calls: Memory["calls"] = [];
  const tell: Memory["tell"] = (name, event) => {
    for (const hear of listeners.get(name) ?? []) (hear as (event: Events[typeof name]) => void)(event);
  };
  const handlers = handlersOf(world, (progress) => tell("run", progress));
  return {
    world,
    calls,
    tell,
    call: (name, request) => {
      calls.push({ name, request });
      const failing = world.failing[name];
      if (failing !== undefined) return Promise.reject(refused(failing.code, failing.message, failing.hint));
      try {
        return Promise.resolve(structuredClone(handlers[name](request)));
      } catch (thrown) {
        return Promise.reject(asError(thrown));
      }
    },
    subscribe: (name, hear) => {
      const set = listeners.get(name) ?? new Set();
      set.add(hear);
      listeners.set(name, set);
      return () => void set.delete(hear);
    },
    now: () => world.now,
  };
}

function handlersOf(world: World, tell: (progress: RunProgress) => void): Handlers {
  const of = (id: number) => {
    const found = world.connections.find((connection) => connection.id === id);
    if (found === undefined) throw refused("not_found", "this connection is not there any more");
    return found;
  };
  /** A number is never given twice, also after a plan was applied. */
  let newest = 40;
  return {
    app_state: () => ({ version: "0.1.0", trouble: world.trouble, connections: world.connections.length, practice: false, running: world.working }),
    start_practice: () => {
      const card = practiceCard();
      world.connections = [card];
      return card;
    },
    list_connections: () => listed(world),
    set_automatic: ({ connection, on }) => {
      const found = of(connection);
      found.automatic = on;
      found.next_ms = on ? world.now + found.interval_seconds * 1000 : null;
      return found;
    },
    plan_sync: ({ connection, since_ms }) => {
      newest = Math.max(newest, ...world.plans.keys()) + 1;
      return planned(world, newest, of(connection), since_ms);
    },
    run_sync: ({ connection, plan }) => {
      if (plan !== null) {
        newest = Math.max(newest, plan);
        world.plans.delete(plan);
      }
      return startRun(world, of(connection), tell);
    },
    retry_tickets: ({ run }) => {
      const found = world.runs.find((one) => one.id === run);
      const card = world.connections.find((one) => one.name === found?.connection);
      if (card === undefined) throw refused("not_found", "this run is not kept any more");
      newest = Math.max(newest, ...world.plans.keys()) + 1;
      return planned(world, newest, card, null);
    },
    cancel_run: () => ({ asked: true }),
    list_runs: ({ connection, result, since_ms, before }) => {
      const name = connection === null ? null : of(connection).name;
      const runs = world.runs.filter(
        (run) =>
          (name === null || run.connection === name) && (result === null || run.result === result) &&
          (since_ms === null || run.started_ms >= since_ms) && (before === null || run.id < before),
      );
      return { runs: runs.slice(0, 50), before: runs.length > 50 ? (runs[49]?.id ?? null) : null };
    },
    run_detail: ({ run, outcome }) => {
      const found = world.details.get(run);
      if (found === undefined) throw refused("not_found", `there is no run ${run}`);
      return { ...found, tickets: ticketPage(found.tickets.tickets.filter((ticket) => outcome === null || ticket.outcome === outcome), 0) };
    },
    run_tickets: ({ run, outcome, from }) => {
      const all = (world.details.get(run)?.tickets.tickets ?? []).filter((ticket) => outcome === null || ticket.outcome === outcome);
      return ticketPage(all, all.findIndex((ticket) => ticket.ordinal === from.ordinal));
    },
    ...accountHandlers(world),
    ...ticketHandlers(world, (connection) => of(connection).name),
    ...editingHandlers(world.editor),
    ...planHandlers(world),
    ...shellHandlers(world),
    ...settingUpHandlers(world, practiceCard),
    ...tryHandlers(world.trying),
  };
}

/** A page of a run's tickets, as large as the app gives them. */
function ticketPage(all: TicketView[], from: number): TicketPage {
  const next = all[from + TICKETS_SHOWN];
  return { tickets: all.slice(from, from + TICKETS_SHOWN), next: next === undefined ? null : { failed: next.outcome === "failed", ordinal: next.ordinal } };
}

/** A first run creates, every further one finds nothing. */
function startRun(world: World, card: ConnectionCard, tell: (progress: RunProgress) => void): { run: number } {
  const id = Math.max(0, ...world.runs.map((run) => run.id)) + 1;
  const first = card.first_run;
  const finish = () => {
    const { view, detail } = practiceRun(id, card, first, world.now);
    world.runs = [view, ...world.runs];
    world.details.set(id, detail);
    Object.assign(card, ended(card, view));
  };
  const steps = progressSteps(id, card, first, world.now);
  steps.forEach((step, at) => {
    if (world.stepMs === null && at > 0) return;
    setTimeout(() => {
      if (step.result !== null) finish();
      tell(step);
    }, (world.stepMs ?? 0) * at);
  });
  return { run: id };
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** The world that the address asks for: `?show=full` and so on. */
export function fromAddress(): Memory {
  const show = new URLSearchParams(window.location.search).get("show") ?? "empty";
  return memory({ ...emptyWorld(), stepMs: 500, ...script(show) });
}
