// The one next action of a connection, wherever its state is shown (ux.md §2).
import type { ConnectionCard } from "../api/generated/ConnectionCard";
import { count } from "../lib/format";
import { accountsAt, go, type Route } from "../lib/route";
import type { Orders } from "../state/orders";
import { Button } from "./kit";

interface NextActionProps {
  connection: ConnectionCard;
  orders: Orders;
  kind?: "plain" | "primary";
}

export function NextAction({ connection, orders, kind = "plain" }: NextActionProps) {
  const next = nextStep(connection, orders.working !== null);
  if (next.to === "run") {
    return <Button kind={kind} busy={orders.starting || orders.planning} refused={orders.refused} onClick={orders.sync}>{orders.planning ? "Planning" : next.label}</Button>;
  }
  const { to } = next;
  return <Button kind={kind} onClick={() => go(to)}>{next.label}</Button>;
}

type Next = { label: string; to: Route } | { label: string; to: "run" };

function nextStep(connection: ConnectionCard, working: boolean): Next {
  const { id, next, last_run: last } = connection;
  const sync: Route = { page: "sync", connection: id };
  if (working) return { label: "Watch run", to: sync };
  switch (next.step) {
    case "sign_in":
      return { label: "Sign in again…", to: accountsAt(next.account) };
    case "see_why":
      return { label: "See why", to: last === null ? sync : { page: "run", run: last.id } };
    case "decide":
      return { label: `Decide ${count(connection.conflicts)}`, to: { page: "conflicts" } };
    case "add_type":
      return { label: "Continue setup", to: { page: "connection", connection: id, tab: "setup" } };
    case "mend_mapping":
      return { label: "Continue setup", to: { page: "connection", connection: id, tab: "mapping" } };
    case "preview_first_run":
      return { label: "Preview first run", to: sync };
    case "run":
    case "nothing":
      return { label: "Run sync", to: "run" };
  }
}
