// The one door to the app: `call` a command of the list, `subscribe` to what it tells. Pages know only this.
import { QueryClientProvider } from "@tanstack/react-query";
import { createContext, createElement, type ReactNode, use, useMemo } from "react";
import { answers } from "./answers";
import type { ApiError } from "./generated/ApiError";
import type { Commands } from "./generated/commands";
import type { RunProgress } from "./generated/RunProgress";
import type { TestNews } from "./generated/TestNews";

export type CommandName = keyof Commands;
export type RequestOf<Name extends CommandName> = Commands[Name]["request"];
export type ResponseOf<Name extends CommandName> = Commands[Name]["response"];

/** What the app tells without being asked. */
export interface Events {
  /** Where a run stands: the whole picture, at most four times a second. */
  run: RunProgress;
  /** A line of an account's test, as soon as it is known. */
  tested: TestNews;
  /** Something changed that no run tells of: automatic sync, the store's opening. */
  changed: null;
  /** The window wants to close for the first time: a sheet tells what goes on without it. */
  closing: null;
  /** Go to this screen, as an address after the hash. */
  go: string;
}

export type EventName = keyof Events;

export interface Transport {
  call: <Name extends CommandName>(name: Name, request: RequestOf<Name>) => Promise<ResponseOf<Name>>;
  /** Answers with what ends the subscription. */
  subscribe: <Name extends EventName>(name: Name, hear: (event: Events[Name]) => void) => () => void;
  /** Now, in milliseconds since 1970; a test holds it still. */
  now: () => number;
}

const Door = createContext<Transport | null>(null);

/** Opens the door for what is inside, with a memory of answers that belongs to this transport alone. */
export function TransportProvider({ value, children }: { value: Transport; children: ReactNode }) {
  const memory = useMemo(() => answers(value), [value]);
  return createElement(Door, { value }, createElement(QueryClientProvider, { client: memory }, children));
}

export function useTransport(): Transport {
  const transport = use(Door);
  if (transport === null) throw new Error("the page is not inside a TransportProvider");
  return transport;
}

/** Anything thrown, as the error every screen can show. */
export function asApiError(thrown: unknown): ApiError {
  if (isApiError(thrown)) return thrown;
  const message = thrown instanceof Error ? thrown.message : "the app did not answer as expected";
  return { code: "unexpected", message, hint: "Try again. If it stays so, quit Lockstep and open it anew." };
}

function isApiError(thrown: unknown): thrown is ApiError {
  return typeof thrown === "object" && thrown !== null && "code" in thrown && "message" in thrown;
}
