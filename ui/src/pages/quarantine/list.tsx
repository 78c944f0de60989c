// The tickets in quarantine: a card for each cause with its remedy and one button for all of them, the tickets below.
import type { QuarantineGroup } from "../../api/generated/QuarantineGroup";
import type { QuarantineView } from "../../api/generated/QuarantineView";
import { Icon } from "../../components/icons";
import { Button } from "../../components/kit";
import { PickList } from "../../components/pick-list";
import { Moment, sentence, Tile } from "../../components/shapes";
import { count, moment, plural } from "../../lib/format";
import { useLive, useNow } from "../../state/live";

interface ListProps {
  groups: QuarantineGroup[];
  chosen: string;
  choose: (id: string) => void;
  retry: (tickets: number[]) => void;
  busy: boolean;
}

export function QuarantineList({ groups, chosen, choose, retry, busy }: ListProps) {
  return (
    <section className="split-list" aria-label="Tickets in quarantine" data-pane data-scrolls>
      {groups.map((group, at) => (
        <section key={group.message} aria-labelledby={`cause-${at}`}>
          <header className="cause">
            <Icon name="error" />
            <div className="cause-text">
              <h2 id={`cause-${at}`}>{group.message.replace(/\.$/, "")}<span className="cause-count">, {plural(group.tickets.length, "ticket")}</span></h2>
              {group.remedy !== null && <p className="second"><span className="quiet">Fix</span> {sentence(group.remedy)}</p>}
            </div>
            <Button size="small" icon="sync" busy={busy} onClick={() => retry(group.tickets.map((ticket) => ticket.id))}>
              Retry {count(group.tickets.length)}
            </Button>
          </header>
          <PickList label={`Tickets: ${group.message}`} items={group.tickets} idOf={(ticket) => String(ticket.id)} chosen={chosen} choose={choose}>
            {(ticket) => <Entry ticket={ticket} />}
          </PickList>
        </section>
      ))}
    </section>
  );
}

function Entry({ ticket }: { ticket: QuarantineView }) {
  const now = useNow(30_000);
  const { connections } = useLive();
  const card = connections.data?.connections.find((one) => one.name === ticket.connection);
  const source = ticket.side === "source";
  return (
    <>
      <span className="pick-line">
        {card !== undefined && <Tile small side={source ? card.source_side : card.target_side} role={source ? "source" : "target"} />}
        <span className="cut">{ticket.partner === null ? ticket.ticket : `${ticket.ticket} · ${ticket.partner}`}</span>
        <span className="end">since <Moment ms={ticket.since_ms}>{moment(ticket.since_ms, now)}</Moment></span>
      </span>
      {ticket.title !== "" && <span className="cut">{ticket.title}</span>}
      <span className="pick-line pick-note"><span className="cut">{ticket.connection}</span><span className="end">{ticket.tries === 1 ? "tried once" : `tried ${count(ticket.tries)} times`}</span></span>
    </>
  );
}
