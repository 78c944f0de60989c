// Links: which tickets belong together, over any number of them (ux.md §10.12).
import { useEffect, useRef, useState } from "react";
import type { LinkView } from "../../api/generated/LinkView";
import { Icon } from "../../components/icons";
import { Button, Select } from "../../components/kit";
import { Empty, ErrorCard, LoadingLine, Skeleton } from "../../components/shapes";
import { countInFull } from "../../lib/format";
import { useKept } from "../../lib/kept";
import { useLater } from "../../lib/later";
import { useKeys } from "../../lib/keys";
import { usePanes } from "../../lib/panes";
import { go } from "../../lib/route";
import { LINK_STATES } from "../../lib/words";
import { Header } from "../../shell/header";
import { useLive } from "../../state/live";
import { LinkDetail } from "./detail";
import { LinkGrid } from "./grid";
import { LinkTickets } from "./link-tickets";
import { type Filter, useLinkPages } from "./pages";
import "./links.css";

const TYPING_MS = 200;

/** `ticket` is the key of a ticket that is looked for. */
export function Links({ ticket }: { ticket: string | null }) {
  const { connections } = useLive();
  const cards = connections.data?.connections ?? [];
  const [typed, setTyped] = useState(ticket ?? "");
  const [stays, stay] = useKept("links", { connection: "all", state: "any" });
  // A ticket that is looked for is found whatever was filtered before.
  const [looking, setLooking] = useState(ticket !== null);
  const kept = looking ? { connection: "all", state: "any" } : stays;
  const keep = (next: typeof stays) => {
    setLooking(false);
    stay(next);
  };
  const search = useLater(typed.trim(), TYPING_MS);
  const filter: Filter = {
    connection: cards.find((card) => card.name === kept.connection)?.name ?? null,
    state: kept.state in LINK_STATES ? kept.state : null,
    search,
  };
  const [linking, setLinking] = useState(false);
  /** Rises when two were linked, so that the list is read anew. */
  const [turn, setTurn] = useState(0);
  const find = useRef<HTMLInputElement>(null);
  useKeys([[{ key: "f", ctrl: true }, () => find.current?.focus()]]);
  usePanes();
  const all = () => {
    setTyped("");
    keep({ connection: "all", state: "any" });
  };
  return (
    <>
      <Header title="Links" context={<span className="cut">Which tickets are known to be the same.</span>}>
        <Button kind="primary" icon="link" refused={cards.length > 0 ? null : "There is no connection yet."} onClick={() => setLinking(true)}>Link tickets…</Button>
      </Header>
      <div className="links-bar" role="search">
        <label className="links-search">
          <Icon name="search" />
          <span className="hidden-text">Search links</span>
          <input ref={find} type="search" placeholder="Search keys and titles" aria-keyshortcuts="Control+F" value={typed} onChange={(event) => setTyped(event.target.value)} />
        </label>
        <Select
          labelHidden label="Connection" value={filter.connection ?? "all"} change={(connection) => keep({ ...kept, connection })}
          options={[{ value: "all", label: "All connections" }, ...cards.map((card) => ({ value: card.name, label: card.name }))]}
        />
        <Select
          labelHidden label="State" value={filter.state ?? "any"} change={(state) => keep({ ...kept, state })}
          options={[{ value: "any", label: "Any state" }, ...Object.entries(LINK_STATES).map(([value, mark]) => ({ value, label: mark.label }))]}
        />
      </div>
      <Found key={`${turn} ${JSON.stringify(filter)}`} filter={filter} showAll={all} />
      {linking && <LinkTickets cards={cards} close={() => setLinking(false)} done={() => setTurn(turn + 1)} />}
    </>
  );
}

function Found({ filter, showAll }: { filter: Filter; showAll: () => void }) {
  const { ended } = useLive();
  const pages = useLinkPages(filter);
  const { reload } = pages;
  const [at, setAt] = useState(0);
  useEffect(() => {
    if (ended > 0) reload();
  }, [ended, reload]);
  const filtered = filter.connection !== null || filter.state !== null || filter.search !== "";
  if (pages.total === null) {
    return pages.error === null
      ? <Skeleton rows={12} what="links" />
      : <div className="screen"><ErrorCard level={2} title="The links could not be read" error={pages.error} retry={reload} /></div>;
  }
  if (pages.total === 0) {
    return (
      <div className="screen">
        {filtered
          ? <Empty level={2} title="No link found" actions={<Button onClick={showAll}>Show all</Button>}>{filter.search === "" ? "No link is in this state here." : `No key and no title contains “${filter.search}” here.`}</Empty>
          : <Empty level={2} title="No tickets are linked yet" actions={<Button onClick={() => go({ page: "sync", connection: null })}>Open Sync</Button>}>The first run links matches.</Empty>}
      </div>
    );
  }
  const here = Math.min(at, pages.total - 1);
  const link: LinkView | undefined = pages.row(here);
  return (
    <>
      {pages.error !== null && <div className="links-error"><ErrorCard title="Some links could not be read" error={pages.error} retry={reload} /></div>}
      <div className="split split-wide links-split">
        <section className="links-list" aria-label="Links found" data-pane>
          <LinkGrid pages={pages} total={pages.total} at={here} setAt={setAt} />
          <p className="links-count" role="status">{countInFull(pages.total)} {pages.total === 1 ? "link" : "links"}, row {countInFull(here + 1)}</p>
          <LoadingLine on={pages.loading} />
        </section>
        {link === undefined ? <section className="split-detail" aria-label="Link"><Skeleton rows={3} what="the link" /></section> : <LinkDetail key={link.id} link={link} changed={reload} />}
      </div>
    </>
  );
}
