// Link tickets…: both are chosen, read side by side, and linked as a person says; what the next run writes then is shown before.
import { type SyntheticEvent, useState } from "react";
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import type { LinkFields } from "../../api/generated/LinkFields";
import type { LinkPreview } from "../../api/generated/LinkPreview";
import type { LinkTickets as Order } from "../../api/generated/LinkTickets";
import { useAct, useQuery } from "../../api/query";
import { Dialog } from "../../components/dialog";
import { Button, Select } from "../../components/kit";
import { ErrorCard, LoadingLine, sentence, Skeleton } from "../../components/shapes";
import { TextField } from "../../components/text-field";
import { plural } from "../../lib/format";
import { useLater } from "../../lib/later";
import { useReach } from "../../state/reach";
import { useToast } from "../../state/toast";
import { Beside, idOf } from "./link-preview";

interface LinkTicketsProps {
  cards: ConnectionCard[];
  /** What is known already: another partner for this ticket is looked for. */
  start?: { connection: string; source: string } | undefined;
  close: () => void;
  done: () => void;
}

type Chosen = Pick<Order, "connection" | "source" | "target">;

export function LinkTickets({ cards, start, close, done }: LinkTicketsProps) {
  const [connection, setConnection] = useState(() => cards.find((card) => card.name === start?.connection)?.id ?? cards[0]?.id ?? 0);
  const [source, setSource] = useState(start?.source ?? "");
  const [target, setTarget] = useState("");
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const card = cards.find((each) => each.id === connection) ?? null;
  const practice = card !== null && card.source_side.practice && card.target_side.practice;
  const reach = useReach(practice);
  const missing = source.trim() === "" || target.trim() === "" ? "Name both tickets first." : null;
  if (card === null) return null;
  if (chosen !== null) return <Chosen chosen={chosen} card={card} back={() => setChosen(null)} close={close} done={done} />;
  const look = (event: SyntheticEvent) => {
    event.preventDefault();
    if (missing === null && reach === null) setChosen({ connection, source: source.trim(), target: target.trim() });
  };
  return (
    <Dialog
      key="choose" title={start === undefined ? "Link tickets" : `Relink ${start.source}`} close={close}
      foot={<><Button onClick={close}>Cancel</Button><Button kind="primary" refused={missing ?? reach} onClick={look}>Preview</Button></>}
    >
      <form className="link-choose" onSubmit={look}>
        <p>Two tickets that are the same are kept in step from now on. Nothing is written before you have seen it.</p>
        {cards.length > 1 && start === undefined && (
          <Select label="Connection" value={String(connection)} change={(id) => setConnection(Number(id))} options={cards.map((each) => ({ value: String(each.id), label: each.name }))} />
        )}
        <TextField label={`${card.source_side.label} ticket (source)`} value={source} change={setSource} required {...(start === undefined ? { "data-first": "" } : { readOnly: true })} />
        <TextField label={`${card.target_side.label} ticket (target)`} value={target} change={setTarget} required {...(start === undefined ? {} : { "data-first": "" })} />
        <button type="submit" hidden>Preview</button>
      </form>
    </Dialog>
  );
}

const FIELDS: { value: LinkFields; label: string }[] = [
  { value: "keep", label: "Keep both as they are" }, { value: "target_like_source", label: "Make target like source" }, { value: "source_like_target", label: "Make source like target" },
];
const RESTING_MS = 300;

interface ChosenProps {
  chosen: Chosen;
  card: ConnectionCard;
  back: () => void;
  close: () => void;
  done: () => void;
}

function Chosen({ chosen, card, back, close, done }: ChosenProps) {
  const toast = useToast();
  const link = useAct("link_tickets");
  const [fields, setFields] = useState<LinkFields>("keep");
  /** Comments and files that are not on the other side, by a person's word. */
  const [foreign, setForeign] = useState<ReadonlySet<string>>(new Set());
  const [listed, setListed] = useState<LinkPreview["content"]>([]);
  const known = foreign.size === 0 ? null : {
    source: listed.filter((one) => one.side === "source" && !foreign.has(idOf(one))).map((one) => one.id),
    target: listed.filter((one) => one.side === "target" && !foreign.has(idOf(one))).map((one) => one.id),
  };
  const order: Order = { ...chosen, type_mapping: null, fields, known, instead: false };
  const text = JSON.stringify(order);
  const resting = useLater(text, RESTING_MS);
  const { data, error, loading, reload } = useQuery("preview_link", JSON.parse(resting) as Order);
  if (data !== null && data.content !== listed) setListed(data.content);

  const pair = `${data?.source.key ?? chosen.source} ⇄ ${data?.target.key ?? chosen.target}`;
  const held = data === null ? [] : [data.source, data.target].filter((side) => side.linked !== null);
  const same = held.some((side) => side.linked?.source === data?.source.key && side.linked?.target === data?.target.key);
  const refusal = data?.source.refusal ?? data?.target.refusal ?? null;
  const late = loading || resting !== text;
  const refused = data === null || error !== null ? "Both tickets have to be read first." : refusal !== null ? sentence(refusal.message) : same ? "The two are linked already." : late ? "The preview is being read." : null;
  const decide = async () => {
    const answer = await link.act({ ...order, type_mapping: data?.type_mapping ?? null, instead: held.length > 0 });
    if (answer === null) return;
    const marker = answer.marker_trouble === null ? "" : ` The mark on the target's ticket could not be written: ${answer.marker_trouble}.`;
    toast({ text: `${pair} is linked.${fields === "keep" ? "" : " The next run writes the fields."}${marker}` });
    close();
    done();
  };
  return (
    <Dialog
      key="preview" wide title={`Link ${pair}`} close={close}
      foot={<><Button data-first="" onClick={back}>Back</Button><Button kind="primary" busy={link.busy} refused={link.busy ? null : refused} onClick={() => void decide()}>{held.length > 0 && !same ? "Relink tickets" : "Link tickets"}</Button></>}
    >
      <LoadingLine on={late && data !== null} />
      {error !== null && <ErrorCard title="The two could not be read" error={error} retry={reload} />}
      {error === null && data === null && <Skeleton rows={6} what={`${chosen.source} and ${chosen.target}`} />}
      {error === null && data !== null && (
        <>
          {refusal !== null && <ErrorCard title="The two cannot be linked" error={refusal} />}
          {!same && held.map(({ key, linked }) => linked !== null && (
            <p key={key} className="tone-warn">{key} is linked with {linked.source === key ? linked.target : linked.source}. That link ends; both tickets stay as they are.</p>
          ))}
          <Beside preview={data} card={card} foreign={foreign} mark={setForeign} />
          <fieldset className="link-fields">
            <legend>Fields that differ</legend>
            {FIELDS.map(({ value, label }) => (
              <label key={value}><input type="radio" className="radio" name="link-fields" value={value} checked={fields === value} onChange={() => setFields(value)} />{label}</label>
            ))}
          </fieldset>
          <section aria-labelledby="link-writes">
            <h3 id="link-writes">What the next run writes</h3>
            {data.writes.length === 0 && <p className="second">Nothing.</p>}
            <ul className="link-list">
              {data.writes.map((write, at) => (
                <li key={`${write.kind} ${at}`}>
                  <span className="second">{(write.side === "source" ? card.source_side : card.target_side).label}</span>
                  <span>{write.changes.length > 0 ? write.changes.map((change) => `${change.field}: ${change.before || "empty"} → ${change.after || "empty"}`).join(", ") : sentence(write.what)}</span>
                  {write.customer_sees && <span className="tone-accent">Customer will see this</span>}
                </li>
              ))}
            </ul>
          </section>
          {data.notices.map((notice) => <p key={notice.message} className={notice.needs_person ? "tone-warn" : "second"}>{sentence(notice.message)}</p>)}
          {foreign.size > 0 && <p className="tone-warn">{plural(foreign.size, "comment or file", "comments and files")} will be copied.</p>}
        </>
      )}
      {link.error !== null && <ErrorCard title="The tickets were not linked" error={link.error} />}
    </Dialog>
  );
}
