// One tab of a connection over made-up data, without the shell around it; what axe finds in it.
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import type { ReactNode } from "react";
import { vi } from "vitest";
import { emptyWorld, memory, type World } from "../api/memory";
import { buildEditor } from "../api/memory-build-data";
import { script, stillNow } from "../api/memory-data";
import { buildTrying } from "../api/memory-trying-data";
import { TransportProvider } from "../api/transport";
import { LiveProvider } from "../state/live";
import { ToastProvider } from "../state/toast";

// A whole tab is asked for roles and names again and again; a busy machine takes its time.
vi.setConfig({ testTimeout: 30_000 });

const NOBODY: [] = [];

export function openTab(tab: ReactNode, more: Partial<World> = {}) {
  const app = memory({ ...emptyWorld(), ...script("full"), editor: buildEditor(stillNow), trying: buildTrying(stillNow), ...more });
  const user = userEvent.setup();
  const view = render(
    <TransportProvider value={app}>
      <LiveProvider first={NOBODY}>
        <ToastProvider><main><h1>Dunmarrow incidents</h1>{tab}</main></ToastProvider>
      </LiveProvider>
    </TransportProvider>,
  );
  return { app, user, ...view };
}

/** What axe has to say, as readable lines; colours are looked at in pictures. */
export async function complaints(container: Element): Promise<string[]> {
  const found = await axe.run(container, { rules: { "color-contrast": { enabled: false } } });
  return found.violations.flatMap((violation) => violation.nodes.map((node) => `${violation.id}: ${node.html}`));
}
