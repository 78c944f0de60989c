// Try on ticket: a real ticket and what the mapping as it stands in the editor would do with it. Nothing is written.
import { useEffect, useId, useState } from "react";
import type { NoticeView } from "../../../api/generated/NoticeView";
import type { SampleView } from "../../../api/generated/SampleView";
import type { Side } from "../../../api/generated/Side";
import type { Trial } from "../../../api/generated/Trial";
import type { TrialRow } from "../../../api/generated/TrialRow";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { Icon } from "../../../components/icons";
import { Button } from "../../../components/kit";
import { PickMenu } from "../../../components/pick-menu";
import { Empty, LoadingLine, sentence, Skeleton } from "../../../components/shapes";
import { clock, fullMoment } from "../../../lib/format";
import { opposite } from "../editing/parts";
import { NotRead, useOffline } from "../editing/reach";
import { keyOf } from "../editing/rows";
import type { Offers } from "./offer";
import { TryRows } from "./try-rows";
import type { Samples } from "../editing/samples";
import type { Tried } from "./use-trial";

/** What was typed and turned but not tried yet; it gives way to the next ticket that is read. */
export interface Wish {
  from: Side;
  key: string;
  of: SampleView | null;
}

interface TryPaneProps {
  offers: Offers;
  samples: Samples;
  tried: Tried;
  unsaved: boolean;
  wish: Wish | null;
  setWish: (wish: Wish) => void;
  show: (of: TypeMapping, row: TrialRow) => void;
}

export function TryPane({ offers, samples, tried, unsaved, wish, setWish, show }: TryPaneProps) {
  const { recent, sample, reading, failed, pick, list } = samples;
  const id = useId();
  const [missing, setMissing] = useState(false);
  const standing: Wish = { from: failed?.asked.side ?? sample?.side ?? "source", key: failed?.asked.key ?? sample?.key ?? "", of: sample };
  const { from, key } = wish !== null && wish.of === sample ? wish : reading !== null ? { from: reading.side, key: reading.key } : standing;
  const to = opposite(from);
  const [here, there] = [offers[from].view.label, offers[to].view.label];
  const offline = useOffline(offers.source.view, offers.target.view);
  useEffect(() => {
    if (from === "target") list("target");
  }, [from, list]);

  const change = (next: Partial<Wish>) => {
    setMissing(false);
    setWish({ from, key, of: sample, ...next });
  };
  const run = (side: Side, typed: string) => {
    if (offline !== null) return;
    const wanted = typed.trim();
    setMissing(wanted === "");
    if (wanted === "") return;
    setWish({ from: side, key: wanted, of: sample });
    pick({ side, key: wanted });
  };
  // The partner of the ticket at hand is known: turning around reads it at once.
  const turn = (side: Side) => {
    if (side === from) return;
    const known = sample === null ? null : sample.side === side ? sample.key : sample.partner;
    if (known === null || reading !== null) change({ from: side, key: known ?? "" });
    else run(side, known);
  };
  const problem = missing ? `Type the key of a ${here} ticket, or pick one from the list.` : null;
  const broken = failed !== null && failed.asked.side === from;
  const ours = tried.trial !== null && tried.trial.from === from && !broken ? tried.trial : null;
  const awaited = reading !== null || (sample !== null && sample.side === from && !tried.fresh);
  return (
    <div className="try">
      <form
        className="try-order" aria-label="Try the mapping on a ticket"
        onSubmit={(event) => {
          event.preventDefault();
          run(from, key);
        }}
      >
        <div className="try-ticket">
          <span className="try-key">
            <Icon name="ticket" small />
            <input
              type="text" data-enter="" aria-label={`Key of a ${here} ticket`} value={key} placeholder={`${here} ticket`} autoComplete="off" spellCheck={false} aria-invalid={problem !== null || broken || undefined}
              aria-describedby={problem === null ? `${id}-note` : `${id}-problem`} onChange={(event) => change({ key: event.target.value })}
            />
            <span className="try-list">
              <PickMenu
                label={`Recent ${here} tickets`} kind="quiet" refused={offline} none={recent[from] === null ? "Reading recent tickets…" : "No ticket changed lately."}
                options={(recent[from] ?? []).map((offer) => ({ value: offer.key, label: `${offer.key}  ${offer.title}` }))} choose={(chosen) => run(from, chosen)}
              ><Icon name="down" small /></PickMenu>
            </span>
          </span>
          <Button type="submit" busy={reading !== null} refused={offline}>Try</Button>
        </div>
        {problem !== null && <p id={`${id}-problem`} className="field-problem" role="alert">{problem}</p>}
        <div className="segments segments-small try-ways" role="group" aria-label="Direction">
          <button type="button" aria-pressed={from === "source"} title={`From ${offers.source.view.label} to ${offers.target.view.label}`} onClick={() => turn("source")}><Icon name="right" small /><span className="cut">To {offers.target.view.label}</span></button>
          <button type="button" aria-pressed={from === "target"} title={`From ${offers.target.view.label} to ${offers.source.view.label}`} onClick={() => turn("target")}><Icon name="left" small /><span className="cut">To {offers.source.view.label}</span></button>
        </div>
        <p id={`${id}-note`} className="try-note">Reads both tickets, writes nothing.{unsaved && <span className="try-unsaved"> Your unsaved changes are tried too.</span>}</p>
        <LoadingLine on={ours !== null && awaited} />
      </form>
      {ours === null ? (
        <div className="try-body">
          {broken ? <NotRead error={failed.error} title={`${failed.asked.key} could not be read`} view={offers[from].view} retry={() => run(failed.asked.side, failed.asked.key)} />
            : tried.error !== null && sample?.side === from ? <NotRead error={tried.error} title="The mapping could not be tried" view={offers[to].view} retry={() => (tried.error?.code === "no_sample" ? run(from, sample.key) : tried.again())} />
              : awaited ? <Skeleton rows={6} what={reading === null ? "what the mapping does" : `${reading.key} and its partner`} />
                : <Empty title="No ticket picked">Pick a {here} ticket above to see what this mapping would send to {there}.</Empty>}
        </div>
      ) : (
        <div className="try-body" role="group" aria-label={`Trial of ${ours.key}`} aria-busy={awaited} tabIndex={0}>
          <Head trial={ours} there={there} />
          <TryRows trial={ours} there={there} show={(row) => tried.of !== null && show(tried.of, row)} />
          {ours.rows.length === 0 && <Empty title={`Nothing goes to ${there}`}>No row of this mapping writes in this direction.</Empty>}
          <Further conflicts={ours.conflicts} notices={ours.notices} />
        </div>
      )}
      <Sum trial={ours} practice={offers[to].view.practice} />
    </div>
  );
}

function Head({ trial, there }: { trial: Trial; there: string }) {
  return (
    <header className="try-head">
      <h3 className="cut" title={trial.title}>{trial.title === "" ? trial.key : trial.title}</h3>
      <p>
        <span className="cut"><span className="strong">{trial.key}</span> <span aria-hidden="true">→</span><span className="hidden-text">to</span> {trial.partner === null ? `a new ${there} ticket` : <span className="strong">{trial.partner}</span>}</span>
        <time className="quiet" dateTime={new Date(trial.read_ms).toISOString()} title={fullMoment(trial.read_ms)}>as of {clock(trial.read_ms)}</time>
      </p>
    </header>
  );
}

function Further({ conflicts, notices }: { conflicts: string[]; notices: NoticeView[] }) {
  if (conflicts.length === 0 && notices.length === 0) return null;
  return (
    <ul className="try-further" aria-label="To know">
      {conflicts.map((label, at) => <li key={at} className="try-conflict"><Icon name="fork" small /><p><strong>{label}</strong> changed on both sides. A person decides which value stays.</p></li>)}
      {notices.map((notice, at) => (
        <li key={`n${at}`} className={notice.needs_person ? "try-warns" : undefined}>
          <Icon name={notice.needs_person ? "warning" : "info"} small />
          <p>{sentence(notice.message)}{notice.remedy !== null && <span className="second"> {sentence(notice.remedy)}</span>}</p>
        </li>
      ))}
    </ul>
  );
}

function Sum({ trial, practice }: { trial: Trial | null; practice: boolean }) {
  const open = trial === null ? 0 : trial.rows.filter((row) => row.state === "undecided").length + trial.conflicts.length;
  return (
    <div role="status">
      {trial !== null && (
        <div className="try-sum">
          <span className={open > 0 ? "tone-bad" : "tone-ok"}><Icon name={open > 0 ? "error" : "checked"} small /></span>
          <p>{sentence(trial.sentence)}{open > 0 && ` ${open} not decided.`}</p>
          {trial.customer_sees && <span className="seen"><Icon name="eye" small />{practice ? "Customer would see this" : "Customer will see this"}</span>}
        </div>
      )}
    </div>
  );
}

/** Where a row of a trial stands now: rows may have moved since. */
export function rowNow(of: TypeMapping, row: TrialRow, now: TypeMapping): number {
  const tried = of.field[row.field];
  if (tried === undefined) return -1;
  const standing = now.field[row.field];
  if (standing !== undefined && keyOf(standing) === keyOf(tried)) return row.field;
  return now.field.findIndex((each) => keyOf(each) === keyOf(tried));
}
