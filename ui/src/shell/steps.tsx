// The steps of connecting platforms, above the screens where each is done (ux.md §10.1). Leaving them keeps everything.
import { useEffect } from "react";
import type { AccountView } from "../api/generated/AccountView";
import type { ConnectionCard } from "../api/generated/ConnectionCard";
import { useQuery } from "../api/query";
import { Icon } from "../components/icons";
import { Button } from "../components/kit";
import { useKept } from "../lib/kept";
import { type Route, write } from "../lib/route";
import { useLive } from "../state/live";
import "./steps.css";

export const STEPS = "connecting";
export const STEPS_OFF = { state: "off" };

const NOTHING = {};

export function ConnectSteps({ route }: { route: Route }) {
  const [kept, keep] = useKept(STEPS, STEPS_OFF);
  if (kept.state !== "on") return null;
  return <Strip route={route} leave={() => keep(STEPS_OFF)} />;
}

interface Step {
  name: string;
  text: string;
  done: boolean;
  /** None while what it works on is not there yet. */
  to: Route | null;
}

function Strip({ route, leave }: { route: Route; leave: () => void }) {
  const { connections } = useLive();
  const accounts = useQuery("list_accounts", NOTHING);
  const { reload } = accounts;
  const place = write(route);
  // Accounts are added on one screen and counted on the next.
  useEffect(reload, [place, reload]);
  const own = (connections.data?.connections ?? []).filter((each) => !each.source_side.practice);
  const here = route.page === "connection" || route.page === "sync" ? own.find((each) => each.id === route.connection) : undefined;
  const connection = here ?? [...own].sort((one, other) => other.id - one.id)[0] ?? null;
  const steps = stepsOf(accounts.data ?? [], connection);
  const now = steps.findIndex((step) => !step.done);
  return (
    <nav className="steps" aria-label="Connecting platforms, step by step">
      <ol>
        {steps.map(({ name, text, done, to }, at) => (
          <li key={name} aria-current={at === now ? "step" : undefined}>
            {done ? <Icon name="check" small /> : <span aria-hidden="true" className="steps-number">{at + 1}</span>}
            {to === null ? <span className="quiet">{name}</span> : <a href={write(to)}>{name}</a>}
            {done && <span className="hidden-text">, done</span>}
            {at === now && <span className="steps-text cut">{text}</span>}
          </li>
        ))}
      </ol>
      {now < 0
        ? <Button size="small" onClick={leave}>Done</Button>
        : <Button kind="quiet" size="small" icon="close" aria-label="Leave the steps" title="Everything stays as it is." onClick={leave} />}
    </nav>
  );
}

/** A plan was looked at and applied once a run has finished. */
function stepsOf(accounts: AccountView[], connection: ConnectionCard | null): Step[] {
  const signed = accounts.filter((account) => !account.practice && account.has_secret !== false).length;
  const id = connection?.id ?? null;
  const placed = connection !== null && connection.types.length > 0;
  return [
    { name: "Accounts", text: signed === 0 ? "One on each side, each signed in." : "One more, for the other side.", done: signed >= 2 || connection !== null, to: { page: "accounts" } },
    {
      name: "Setup", text: connection === null ? "Make the connection: a place on each side." : "Say which tickets take part.", done: placed,
      to: id === null ? (signed >= 2 ? { page: "overview", make: true } : null) : { page: "connection", connection: id, tab: "setup" },
    },
    {
      name: "Mapping", text: "Say what means what.", done: placed && connection.state !== "setup_not_finished",
      to: id === null ? null : { page: "connection", connection: id, tab: "mapping" },
    },
    { name: "Plan", text: "Look at every write before it happens.", done: connection !== null && !connection.first_run, to: id === null ? null : { page: "sync", connection: id } },
  ];
}
