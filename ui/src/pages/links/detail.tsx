// One link: both tickets, why it stands as it does, the explanation, and its end.
import { useState } from "react";
import type { LinkView } from "../../api/generated/LinkView";
import { Explain } from "../../components/explain";
import { Icon } from "../../components/icons";
import { Button } from "../../components/kit";
import { OpenTicket, sidesOf } from "../../components/open-ticket";
import { Moment, sentence, TilePair } from "../../components/shapes";
import { UnlinkDialog } from "../../components/unlink";
import { momentInText } from "../../lib/format";
import { useKeys } from "../../lib/keys";
import { linkState } from "../../lib/words";
import { useLive, useNow } from "../../state/live";

export function LinkDetail({ link, changed }: { link: LinkView; changed: () => void }) {
  const { connections } = useLive();
  const now = useNow(60_000);
  const [explaining, setExplaining] = useState(false);
  const [unlinking, setUnlinking] = useState(false);
  const card = connections.data?.connections.find((one) => one.name === link.connection);
  const mark = linkState(link.state);
  const ended = link.state === "ended" || link.state === "merged";
  useKeys([[{ key: "e" }, () => setExplaining(true)]]);
  return (
    <section className="split-detail" aria-labelledby="link-title">
      <div className="split-body">
        <header className="split-head">
          {card !== undefined && <TilePair source={card.source_side} target={card.target_side} flow={card.flow} />}
          <div><h2 id="link-title">{link.source} ⇄ {link.target}</h2><p className="second">{link.connection}, {link.type_mapping}</p></div>
        </header>
        <dl className="detail-list">
          <div>
            <dt>State</dt>
            <dd><span className={`links-state tone-${mark.tone}`}><Icon name={mark.icon} small />{mark.label}</span>{link.reason !== "" && <span className="second">{sentence(link.reason)}</span>}</dd>
          </div>
          {link.state === "not_visible" && <div><dt>What it means</dt><dd>Deleted or hidden from this account: the platform does not tell the two apart. Nothing is deleted on the other side.</dd></div>}
          <div><dt>Linked</dt><dd><Moment ms={link.linked_ms}>{momentInText(link.linked_ms, now)}</Moment></dd></div>
        </dl>
        {explaining && <section className="card panel"><Explain connection={link.connection} ticket={link.source} /></section>}
      </div>
      <footer className="split-bar">
        {!explaining && <Button icon="search" onClick={() => setExplaining(true)}>Explain this ticket</Button>}
        <OpenTicket connection={link.connection} sides={sidesOf(card)} tickets={{ source: link.source, target: link.target }} />
        <span className="split-bar-end">{!ended && <Button kind="quiet" danger icon="unlink" onClick={() => setUnlinking(true)}>Unlink…</Button>}</span>
      </footer>
      {unlinking && <UnlinkDialog connection={link.connection} ticket={link.source} pair={`${link.source} ⇄ ${link.target}`} close={() => setUnlinking(false)} done={changed} />}
    </section>
  );
}
