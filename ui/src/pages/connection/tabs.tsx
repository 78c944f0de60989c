// The tabs of a connection that exist: a screen joins the row by one line here (the order is that of lib/route.ts).
import type { ComponentType } from "react";
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import type { Tab } from "../../lib/route";
import type { Orders } from "../../state/orders";
import { Description } from "./description";
import { Mapping } from "./mapping";
import { Runs } from "./runs";
import { Setup } from "./setup";
import { Status } from "./status";
import { Templates } from "./templates";

export interface TabProps {
  connection: ConnectionCard;
  orders: Orders;
}

export const SCREENS: Partial<Record<Tab, { label: string; Screen: ComponentType<TabProps> }>> = {
  status: { label: "Status", Screen: Status },
  setup: { label: "Setup", Screen: ({ connection }) => <Setup connection={connection.id} /> },
  mapping: { label: "Mapping", Screen: Mapping },
  description: { label: "Description", Screen: ({ connection }) => <Description connection={connection.id} /> },
  templates: { label: "Templates", Screen: ({ connection }) => <Templates connection={connection.id} /> },
  runs: { label: "Runs", Screen: Runs },
};
