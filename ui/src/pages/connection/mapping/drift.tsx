// What the live systems changed since a person looked at them: a bar with the first of it, and a dialog with all of it.
import { useState } from "react";
import type { Pair } from "../../../api/generated/Pair";
import type { OfferedSide } from "../../../api/generated/OfferedSide";
import type { SchemaChange } from "../../../api/generated/SchemaChange";
import type { Side } from "../../../api/generated/Side";
import type { TypeMapping } from "../../../api/generated/TypeMapping";
import { useAct } from "../../../api/query";
import { useTransport } from "../../../api/transport";
import { Dialog } from "../../../components/dialog";
import { Button } from "../../../components/kit";
import { ErrorCard, sentence } from "../../../components/shapes";
import { moment, plural } from "../../../lib/format";
import { Strip } from "../editing/bar";
import { SIDES } from "../editing/parts";
import { fieldsOf } from "../editing/rows";
import type { Offers } from "./offer";
import { rowName } from "./words";

/** So many are told in the bar. */
const TOLD_MAX = 2;

interface DriftProps {
  connection: number;
  mapping: TypeMapping;
  offered: Pair<OfferedSide>;
  offers: Offers;
  /** Takes what the app answers once it was looked at. */
  reviewed: (offered: Pair<OfferedSide>) => void;
}

export function Drift(props: DriftProps) {
  const { offered, offers } = props;
  const now = useTransport().now();
  const [open, setOpen] = useState(false);
  const sides = SIDES.filter((side) => (offered[side].changed?.changes.length ?? 0) > 0);
  return (
    <>
      {sides.map((side) => {
        const { since_ms: since = 0, changes = [] } = offered[side].changed ?? {};
        const more = changes.length - TOLD_MAX;
        return (
          <Strip key={side} tone="ask" title={`${offers[side].view.label} changed since ${moment(since, now)}:`} action={<Button size="small" onClick={() => setOpen(true)}>Review</Button>}>
            {changes.slice(0, TOLD_MAX).map(changeText).join(", ")}{more > 0 && `, and ${plural(more, "further change")}`}.
          </Strip>
        );
      })}
      {open && <Review {...props} sides={sides} close={() => setOpen(false)} />}
    </>
  );
}

function Review({ connection, mapping, offered, offers, reviewed, sides, close }: DriftProps & { sides: Side[]; close: () => void }) {
  const { act, busy, error } = useAct("review_schema");
  const look = async () => {
    const answer = await act({ connection, source: mapping.source, target: mapping.target });
    if (answer === null) return;
    reviewed(answer);
    close();
  };
  return (
    <Dialog title="What changed on the platforms" wide close={close} foot={<><Button data-first onClick={close}>Later</Button><Button kind="primary" busy={busy} onClick={() => void look()}>Mark as reviewed</Button></>}>
      {sides.map((side) => (
        <section key={side} className="drift" aria-label={offers[side].view.label}>
          <h3>{offers[side].view.label}</h3>
          <ul>
            {offered[side].changed?.changes.map((change, at) => {
              const rows = mapping.field.filter((row) => change.field !== null && fieldsOf(row, side).includes(change.field));
              return <li key={at}>{sentence(changeText(change))}{rows.length > 0 && <span className="second"> Mapped: {rows.map((row) => rowName(row, offers)).join(", ")}.</span>}</li>;
            })}
          </ul>
        </section>
      ))}
      <p className="second">Marking changes nothing in the mapping; what no longer fits stays among the problems.</p>
      {error && <ErrorCard title="It could not be marked" error={error} retry={() => void look()} />}
    </Dialog>
  );
}

export function changeText({ what, field_label: field, value, value_label: option }: SchemaChange): string {
  switch (what) {
    case "field_gone":
      return `field ${field} is gone`;
    case "field_new":
      return `field ${field} is new`;
    case "value_gone":
      return `option ${option} of ${field} is gone`;
    case "value_new":
      return `option ${option} of ${field} is new`;
    case "kind_changed":
      return `field ${field} holds something else now`;
    case "read_only_now":
      return `field ${field} cannot be written any more`;
    case "required_now":
      return `field ${field} is required now`;
    case "shorter_now":
      return `field ${field} takes less text now`;
    case "renamed":
      return value === null ? `field ${field} has a new name` : `option ${option} of ${field} has a new name`;
  }
}
