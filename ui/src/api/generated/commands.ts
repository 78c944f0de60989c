// Written by `cargo test -p lockstep-app` from the list in commands.rs. Do not edit it.
import type { AppState } from "./AppState";
import type { CancelAsked } from "./CancelAsked";
import type { ConnectionCard } from "./ConnectionCard";
import type { ConnectionList } from "./ConnectionList";
import type { MoreTickets } from "./MoreTickets";
import type { Nothing } from "./Nothing";
import type { OfConnection } from "./OfConnection";
import type { OfRun } from "./OfRun";
import type { PlanOrder } from "./PlanOrder";
import type { PlanPicture } from "./PlanPicture";
import type { RunFilter } from "./RunFilter";
import type { RunPage } from "./RunPage";
import type { RunPicture } from "./RunPicture";
import type { RunStarted } from "./RunStarted";
import type { SetAutomatic } from "./SetAutomatic";
import type { SyncOrder } from "./SyncOrder";
import type { TicketPage } from "./TicketPage";

export interface Commands {
  /** Whether the store opens, and what is at work. Tries anew each time, so that it also unlocks. */
  app_state: { request: Nothing; response: AppState };
  /** Starts the practice pair on this computer, with its accounts and connection. */
  start_practice: { request: Nothing; response: ConnectionCard };
  /** All connections with their state. */
  list_connections: { request: Nothing; response: ConnectionList };
  /** Switches automatic sync of a connection. */
  set_automatic: { request: SetAutomatic; response: ConnectionCard };
  /** Reads both sides and tells what would be written; writes nothing. */
  plan_sync: { request: PlanOrder; response: PlanPicture };
  /** Starts a run and answers once it works; `run` events tell the rest. */
  run_sync: { request: SyncOrder; response: RunStarted };
  /** Asks a run or a plan at work to stop after the ticket being dealt with. */
  cancel_run: { request: OfConnection; response: CancelAsked };
  /** A page of the history. */
  list_runs: { request: RunFilter; response: RunPage };
  /** One run with the first page of its tickets. */
  run_detail: { request: OfRun; response: RunPicture };
  /** A further page of a run's tickets. */
  run_tickets: { request: MoreTickets; response: TicketPage };
}
