// Opens tickets in the system's browser. A page only names the ticket: the app makes the address, from the account's own.
import type { Side } from "../api/generated/Side";
import type { SideView } from "../api/generated/SideView";
import { useAct } from "../api/query";
import { useKeys } from "../lib/keys";
import { Button } from "./kit";
import { sentence } from "./shapes";

interface OpenTicketProps {
  connection: string;
  /** The keys of the pair; none where there is no ticket on that side. */
  tickets: Record<Side, string | null>;
  /** None until the connection is known. */
  sides: Record<Side, SideView> | null;
  /** The side that O opens, if its ticket is there. */
  first?: Side;
  /** O is somebody else's here. */
  keyless?: boolean;
  size?: "normal" | "small";
}

const SIDES: Side[] = ["source", "target"];

export function OpenTicket({ connection, tickets, sides, first = "source", keyless = false, size = "normal" }: OpenTicketProps) {
  const { act, error } = useAct("open_ticket");
  const there = SIDES.flatMap((side) => {
    const key = tickets[side];
    return key === null ? [] : [{ side, key }];
  });
  const byKey = there.find((one) => one.side === first) ?? there[0];
  const open = (ticket: { side: Side; key: string } | undefined) => {
    if (ticket !== undefined) void act({ connection, ...ticket });
  };
  useKeys(keyless ? [] : [[{ key: "o" }, () => open(byKey)]]);
  if (sides === null) return null;
  const alike = sides.source.label === sides.target.label;
  return (
    <>
      {there.map((ticket) => {
        const { label, account } = sides[ticket.side];
        return (
          <Button
            key={ticket.side} size={size} icon="export" title={ticket.key} aria-keyshortcuts={!keyless && ticket === byKey ? "O" : undefined}
            onClick={() => open(ticket)}
          >
            Open in {alike ? `${label} (${account})` : label}
          </Button>
        );
      })}
      {error !== null && <span className="tone-bad" role="alert">{sentence(error.message)}</span>}
    </>
  );
}

/** Both sides of a connection, as a list of connections has them. */
export function sidesOf(card: { source_side: SideView; target_side: SideView } | null | undefined): Record<Side, SideView> | null {
  return card == null ? null : { source: card.source_side, target: card.target_side };
}
