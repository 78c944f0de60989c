// The tabs of a connection that exist: a screen joins the row by one line here (the order is that of lib/route.ts).
import type { ComponentType } from "react";
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import type { Tab } from "../../lib/route";
import { Mapping } from "./mapping";
import { Runs } from "./runs";
import { Status } from "./status";

export interface TabProps {
  connection: ConnectionCard;
  /** Says how many errors stand on this tab, for its mark in the row. */
  tell: (errors: number) => void;
}

export const SCREENS: Partial<Record<Tab, { label: string; Screen: ComponentType<TabProps> }>> = {
  status: { label: "Status", Screen: Status },
  mapping: { label: "Mapping", Screen: Mapping },
  runs: { label: "Runs", Screen: Runs },
};
