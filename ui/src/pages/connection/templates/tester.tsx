// Which template catches: one ticket, or all that changed lately. Reads, and writes nothing.
import { useState } from "react";
import type { Catches } from "../../../api/generated/Catches";
import type { Side } from "../../../api/generated/Side";
import type { SideView } from "../../../api/generated/SideView";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { useAct } from "../../../api/query";
import { Icon } from "../../../components/icons";
import { Button, Pill, Select } from "../../../components/kit";
import { Num } from "../../../components/shapes";
import { plural } from "../../../lib/format";
import { opposite } from "../editing/parts";
import { NotRead, useOffline } from "../editing/reach";
import type { Samples } from "../editing/samples";

export interface Tested {
  catches: Catches;
  /** The templates that were tested, spelled out; others since then make the answer old. */
  of: string;
}

interface TesterProps {
  connection: number;
  mapping: TypeMapping;
  to: Side;
  view: SideView;
  samples: Samples;
  /** The templates as they are now, spelled out. */
  now: string;
  tested: Tested | null;
  tell: (tested: Tested | null) => void;
}

export function Tester({ connection, mapping, to, view, samples, now, tested, tell }: TesterProps) {
  const [key, setKey] = useState("");
  const { act, busy, error } = useAct("test_templates");
  const offline = useOffline(view);
  const from = opposite(to);
  const recent = samples.recent[from] ?? [];
  const unlisted = samples.unlisted[from];
  const test = async () => {
    const catches = await act({ connection, mapping, to, key: key === "" ? null : key });
    if (catches !== null) tell({ catches, of: now });
  };
  return (
    <section className="card tester" aria-labelledby="tester-title">
      <h2 id="tester-title">Which template catches</h2>
      <div className="tester-row">
        <Select
          labelHidden label={`${view.label} ticket`} value={key} change={setKey}
          options={[{ value: "", label: `All recent tickets${recent.length === 0 ? "" : ` (${recent.length})`}` }, ...recent.map((ticket) => ({ value: ticket.key, label: `${ticket.key}  ${ticket.title}` }))]}
        />
        <span className="second" aria-hidden="true">?</span>
        <Button busy={busy} refused={offline} onClick={() => void test()}>Test</Button>
      </div>
      {unlisted && <NotRead title="The tickets could not be listed" error={unlisted} view={view} retry={() => samples.list(from, true)} />}
      {error && <NotRead title="The templates could not be tested" error={error} view={view} retry={() => void test()} />}
      {tested === null && !error && <p className="second">Reads tickets of {view.label} and asks each template in order. Nothing is written, and changes that are not saved count.</p>}
      {tested !== null && tested.of !== now && <p className="tester-old"><Icon name="clock" small />Tested before your last change.</p>}
      {tested !== null && <Answer catches={tested.catches} />}
    </section>
  );
}

function Answer({ catches }: { catches: Catches }) {
  const [only] = catches.tickets;
  if (only === undefined) return <p role="status">No ticket changed lately, so there is nothing to ask about.</p>;
  if (catches.tickets.length === 1) {
    return <p role="status"><strong>{only.key}</strong> {only.title}: {only.template === null ? "no ticket is created." : <>created by <strong>{only.template}</strong>.</>}</p>;
  }
  return (
    <>
      <p role="status">{plural(catches.tickets.length, "ticket")} that changed lately.</p>
      <table className="tester-table" aria-label="Tickets caught by each template">
        <thead><tr><th scope="col">Template</th><th scope="col" className="number">Tickets</th></tr></thead>
        <tbody>
          {catches.counts.map((count) => <tr key={count.template}><th scope="row">{count.template}</th><td className="number"><Num value={count.tickets} /></td></tr>)}
          <tr><th scope="row">No match</th><td className="number"><Num value={catches.uncaught} /></td></tr>
        </tbody>
      </table>
      <table className="tester-table tester-tickets" aria-label="Template of each ticket">
        <thead><tr><th scope="col">Ticket</th><th scope="col">Template</th></tr></thead>
        <tbody>
          {catches.tickets.map((ticket) => (
            <tr key={ticket.key} title={ticket.title}><th scope="row"><span className="whole">{ticket.key}</span></th><td className={ticket.template === null ? "quiet" : ""}>{ticket.template ?? "not created"}</td></tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** What a template said to the tested ticket, or how many it caught. */
export function VerdictMark({ tested, at }: { tested: Tested | null; at: number }) {
  if (tested === null) return null;
  const { tickets, counts } = tested.catches;
  const [only] = tickets;
  if (tickets.length !== 1 || only === undefined) {
    const caught = counts[at];
    return caught === undefined ? null : <Pill tone={caught.tickets > 0 ? "ok" : "plain"}>{caught.tickets === 0 ? "catches none" : `catches ${caught.tickets}`}</Pill>;
  }
  const verdict = only.verdicts[at];
  switch (verdict?.answer) {
    case "caught":
      return <Pill tone="ok" icon="check">caught here</Pill>;
    case "not_caught":
      return <p className="template-verdict">not caught: {verdict.why}</p>;
    case "not_reached":
      return <Pill>not reached</Pill>;
    default:
      return null;
  }
}
