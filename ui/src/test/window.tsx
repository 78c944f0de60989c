// The whole window over made-up data, as a test drives it: by role and name.
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { emptyWorld, memory, type World } from "../api/memory";
import { script } from "../api/memory-data";
import { TransportProvider } from "../api/transport";
import { App } from "../app";

export function open(show: string, more: Partial<World> = {}) {
  const app = memory({ ...emptyWorld(), stepMs: 1, ...script(show), ...more });
  const user = userEvent.setup();
  render(<TransportProvider value={app}><App /></TransportProvider>);
  return { app, user };
}
