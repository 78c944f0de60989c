// The memory of answers behind `useQuery`: what a screen showed last, for the next time it is opened.
import { QueryClient } from "@tanstack/react-query";
import type { Transport } from "./transport";

/** An answer that no screen shows is kept so long. */
const KEPT_MS = 10 * 60_000;

const known = new WeakMap<Transport, QueryClient>();

/** The memory of one transport; no other shares it. */
export function answers(of: Transport): QueryClient {
  const memory = known.get(of) ?? empty();
  known.set(of, memory);
  return memory;
}

/** Nothing is read by itself: not after a failure, not for coming back to the window. The app is on this computer, so no network is waited for. */
function empty(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { networkMode: "always", staleTime: 0, gcTime: KEPT_MS, retry: false, refetchOnWindowFocus: false, refetchOnReconnect: false },
    },
  });
}
