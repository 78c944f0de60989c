// One link: both tickets, why it stands as it does, what is behind it, the explanation, and its end.
import { useEffect, useState } from "react";
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import type { LinkView } from "../../api/generated/LinkView";
import { useQuery } from "../../api/query";
import { Explain } from "../../components/explain";
import { Icon } from "../../components/icons";
import { Button } from "../../components/kit";
import { OpenTicket, sidesOf } from "../../components/open-ticket";
import { ErrorCard, Moment, sentence, Skeleton, TilePair } from "../../components/shapes";
import { UnlinkDialog } from "../../components/unlink";
import { momentInText } from "../../lib/format";
import { useKeys } from "../../lib/keys";
import { type Route, write } from "../../lib/route";
import { LINKED_BY, linkState } from "../../lib/words";
import { useLive, useNow } from "../../state/live";
import { Behind } from "./behind";
import { LinkAgain } from "./link-again";
import { LinkTickets } from "./link-tickets";

/** Where a state is dealt with. */
const STATE_AT: Partial<Record<string, { label: string; page: "conflicts" | "quarantine" }>> = {
  conflict: { label: "Open conflicts", page: "conflicts" },
  quarantined: { label: "Open quarantine", page: "quarantine" },
};

export function LinkDetail({ link, changed }: { link: LinkView; changed: () => void }) {
  const { connections } = useLive();
  const now = useNow(60_000);
  const [explaining, setExplaining] = useState(false);
  const [layer, setLayer] = useState<"unlink" | "relink" | "again" | null>(null);
  const shut = () => setLayer(null);
  const card = connections.data?.connections.find((one) => one.name === link.connection);
  const mark = linkState(link.state);
  const ended = link.state === "ended" || link.state === "merged";
  const again = card !== undefined && link.relink_until_ms !== null && link.relink_until_ms > now;
  const at = STATE_AT[link.state];
  const to: Route | null = at === undefined ? null : { page: at.page, ticket: link.source };
  useKeys([[{ key: "e" }, () => setExplaining(true)]]);
  return (
    <section className="split-detail" aria-labelledby="link-title" data-pane>
      <div className="split-body">
        <header className="split-head">
          {card !== undefined && <TilePair source={card.source_side} target={card.target_side} flow={card.flow} />}
          <div>
            <h2 id="link-title" tabIndex={-1} data-pane-start>{link.source} ⇄ {link.target}</h2>
            <Titles source={link.source_title} target={link.target_title} />
            <p className="second">{link.connection}, {link.type_mapping}</p>
          </div>
        </header>
        <dl className="detail-list">
          <div>
            <dt>State</dt>
            <dd>
              <span className={`links-state tone-${mark.tone}`}><Icon name={mark.icon} small />{mark.label}</span>
              {link.reason !== "" && <span className="second">{sentence(link.reason)}</span>}
              {to !== null && <> <a href={write(to)}>{at?.label}</a></>}
            </dd>
          </div>
          {link.state === "not_visible" && <div><dt>What it means</dt><dd>Deleted or hidden from this account: the platform does not tell the two apart. Nothing is deleted on the other side.</dd></div>}
          <div><dt>Linked</dt><dd><Moment ms={link.linked_ms}>{momentInText(link.linked_ms, now)}</Moment>, {LINKED_BY[link.linked_by].whole}</dd></div>
          {again && link.relink_until_ms !== null && <div><dt>Can be linked again</dt><dd>until <Moment ms={link.relink_until_ms}>{momentInText(link.relink_until_ms, now)}</Moment></dd></div>}
          <div><dt>Last synced</dt><dd><Moment ms={link.synced_ms}>{momentInText(link.synced_ms, now)}</Moment></dd></div>
        </dl>
        {explaining && <section className="card panel"><Explain connection={link.connection} ticket={link.source} /></section>}
        {card !== undefined && <Read card={card} link={link} />}
      </div>
      <footer className="split-bar">
        {!explaining && <Button icon="search" onClick={() => setExplaining(true)}>Explain this ticket</Button>}
        <OpenTicket connection={link.connection} sides={sidesOf(card)} tickets={{ source: link.source, target: link.target }} />
        <span className="split-bar-end">
          {!ended && card !== undefined && <Button kind="quiet" icon="link" onClick={() => setLayer("relink")}>Relink…</Button>}
          {!ended && <Button kind="quiet" danger icon="unlink" onClick={() => setLayer("unlink")}>Unlink…</Button>}
          {again && <Button icon="link" onClick={() => setLayer("again")}>Link again…</Button>}
        </span>
      </footer>
      {layer === "unlink" && <UnlinkDialog connection={link.connection} ticket={link.source} pair={`${link.source} ⇄ ${link.target}`} close={shut} done={changed} />}
      {layer === "relink" && card !== undefined && <LinkTickets cards={[card]} start={link} close={shut} done={changed} />}
      {layer === "again" && card !== undefined && <LinkAgain connection={card.id} link={link} close={shut} done={changed} />}
    </section>
  );
}

/** One line where both sides say the same. */
function Titles({ source, target }: { source: string; target: string }) {
  if (source === "" && target === "") return null;
  if (source === target || target === "") return <p>{source}</p>;
  return source === "" ? <p>{target}</p> : <><p>{source}</p><p className="second">{target}</p></>;
}

function Read({ card, link }: { card: ConnectionCard; link: LinkView }) {
  const { ended } = useLive();
  const { data, error, reload } = useQuery("link_detail", { connection: card.id, link: link.id });
  useEffect(() => {
    if (ended > 0) reload();
  }, [ended, reload]);
  if (error !== null) return <ErrorCard title="What is behind the link could not be read" error={error} retry={reload} />;
  if (data === null) return <Skeleton rows={3} what="the history of the pair" />;
  return <Behind detail={data} sides={{ source: card.source_side, target: card.target_side }} />;
}
