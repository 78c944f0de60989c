// Both sides of a connection: which account, and when what the platform offers was read last.
import type { ReactNode } from "react";
import type { ConnectionCard } from "../../../api/generated/ConnectionCard";
import type { OfferedSide } from "../../../api/generated/OfferedSide";
import type { Pair } from "../../../api/generated/Pair";
import type { Side } from "../../../api/generated/Side";
import type { SideView } from "../../../api/generated/SideView";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { type Query, useQuery } from "../../../api/query";
import { useTransport } from "../../../api/transport";
import { Button, Pill } from "../../../components/kit";
import { Moment, sentence, Tile } from "../../../components/shapes";
import { moment, plural } from "../../../lib/format";
import { write } from "../../../lib/route";

const SIDES: Side[] = ["source", "target"];

export function Sides({ connection }: { connection: ConnectionCard }) {
  const opened = useQuery("open_editor", { connection: connection.id });
  const mapping = opened.data?.document.type?.[0];
  const view = { source: connection.source_side, target: connection.target_side };
  return (
    <section className="card" aria-labelledby="state-sides">
      <h2 id="state-sides">Sides</h2>
      {mapping === undefined
        ? SIDES.map((role) => <Account key={role} side={view[role]} role={role} />)
        : <Watched connection={connection.id} mapping={mapping} view={view} />}
    </section>
  );
}

/** What each platform offers is kept for a day; the line says since when it is known. */
function Watched({ connection, mapping, view }: { connection: number; mapping: TypeMapping; view: Pair<SideView> }) {
  const order = { connection, source: mapping.source, target: mapping.target };
  const offers = useQuery("read_offers", { ...order, anew: false });
  return SIDES.map((role) => (
    <Account key={role} side={view[role]} role={role}><Watch side={view[role]} offered={offers.data?.[role] ?? null} offers={offers} type={mapping.name} connection={connection} /></Account>
  ));
}

interface WatchProps {
  side: SideView;
  offered: OfferedSide | null;
  offers: Query<Pair<OfferedSide>>;
  type: string;
  connection: number;
}

function Watch({ side, offered, offers, type, connection }: WatchProps) {
  const now = useTransport().now();
  if (offers.error !== null) return <p className="second"><span className="tone-warn">{sentence(offers.error.message)}</span> <Button kind="quiet" size="small" onClick={offers.reload}>Try again</Button></p>;
  if (offered === null) return <p className="second">Reading {side.label} fields.</p>;
  const { schema, taken_ms: taken, trouble, changed } = offered;
  const many = changed?.changes.length ?? 0;
  return (
    <>
      <p className="second">
        {schema === null || taken === null ? `${type} was never read.` : <>{schema.type_label}: {schema.fields.length} fields, as of <Moment ms={taken}>{moment(taken, now)}</Moment></>}
      </p>
      {changed !== null && many > 0 && (
        <p className="second"><a className="tone-ask" href={write({ page: "connection", connection, tab: "mapping" })}>{plural(many, "change")}</a> since <Moment ms={changed.since_ms}>{moment(changed.since_ms, now)}</Moment></p>
      )}
      {trouble !== null && <p className="second"><span className="tone-warn">Cannot be read now: {sentence(trouble.message)}</span> <Button kind="quiet" size="small" onClick={offers.reload}>Try again</Button></p>}
    </>
  );
}

function Account({ side, role, children }: { side: SideView; role: Side; children?: ReactNode }) {
  return (
    <div className="state-side">
      <Tile side={side} role={role} />
      <div>
        <p className="strong">{side.label} <span className="quiet">{role}</span></p>
        <p className="second cut" title={side.address}><a href={write({ page: "accounts", account: side.account })}>{side.account}</a>, {side.address.replace("https://", "")}</p>
        {children}
      </div>
      {side.practice ? <Pill tone="accent">Practice</Pill> : side.sandbox && <Pill>Sandbox</Pill>}
    </div>
  );
}
