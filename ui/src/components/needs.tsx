// What automatic sync of a connection needs, each thing ticked or linked to its fix.
import type { ConnectionCard } from "../api/generated/ConnectionCard";
import type { Prerequisite } from "../api/generated/Prerequisite";
import { accountsAt, type Route, write } from "../lib/route";
import { Icon } from "./icons";
import { sentence } from "./shapes";
import "./needs.css";

export function Needs({ connection, here }: { connection: ConnectionCard; here: "sync" | "status" }) {
  return (
    <ul className="needs">
      {connection.prerequisites.map((need) => <Need key={need.name} need={need} remedy={need.holds ? null : remedyOf(need, connection, here)} />)}
    </ul>
  );
}

function Need({ need, remedy }: { need: Prerequisite; remedy: { to: Route; label: string } | null }) {
  return (
    <li className={need.holds ? "" : "needs-missing"}>
      <span className={need.holds ? "tone-ok" : "tone-warn"}><Icon name={need.holds ? "check" : "dashed"} small /></span>
      <div>
        {need.name}<span className="hidden-text">{need.holds ? ": yes" : ": not yet"}</span>
        {!need.holds && need.reason !== null && <p className="quiet">{sentence(need.reason)}{need.fix === null ? "" : ` ${sentence(need.fix)}`}</p>}
        {remedy !== null && <a href={write(remedy.to)}>{remedy.label}</a>}
      </div>
    </li>
  );
}

/** Where a missing thing is mended; on Sync the first run is started right there. */
function remedyOf(need: Prerequisite, connection: ConnectionCard, here: "sync" | "status"): { to: Route; label: string } | null {
  if (/sign-in/i.test(need.name)) {
    return { to: accountsAt(connection.next.step === "sign_in" ? connection.next.account : null), label: "Open accounts" };
  }
  if (/mapping/i.test(need.name)) return { to: { page: "connection", connection: connection.id, tab: "mapping" }, label: "Open mapping" };
  if (/first run/i.test(need.name) && here !== "sync") return { to: { page: "sync", connection: connection.id }, label: "Preview first run" };
  return null;
}
