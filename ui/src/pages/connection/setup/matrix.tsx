// What comments become on the other side: one row for each kind, one choice in each row (ux.md §10.5).
import { useId, useState } from "react";
import type { Carry } from "../../../api/generated/Carry";
import type { CarryRow } from "../../../api/generated/CarryRow";
import type { SideView } from "../../../api/generated/SideView";
import { Icon } from "../../../components/icons";
import { Question } from "../../../components/question";

const COLUMNS: { carry: Carry; label: string }[] = [
  { carry: "public", label: "Public comment" },
  { carry: "internal", label: "Internal comment" },
  { carry: "no", label: "Do not copy" },
];

interface MatrixProps {
  from: SideView;
  to: SideView;
  /** Whether customers read the side that writes, and the one that receives. */
  customers: { from: boolean; to: boolean };
  /** Whether the receiving side has internal comments; null while it is not known. */
  internal: boolean | null;
  row: CarryRow;
  change: (row: CarryRow) => void;
}

export function Matrix({ from, to, customers, internal, row, change }: MatrixProps) {
  const [asking, ask] = useState(false);
  const kinds: { kind: keyof CarryRow; label: string }[] = [
    { kind: "public", label: customers.from ? "Comment the customer sees" : "Public comment" },
    { kind: "internal", label: from.platform === "servicenow" ? "Work note" : "Internal comment" },
  ];
  const choose = (kind: keyof CarryRow, carry: Carry) => {
    if (kind === "internal" && carry === "public") ask(true);
    else change({ ...row, [kind]: carry });
  };
  return (
    <>
      <div className="carry-matrix">
        <div className="carry-matrix-head" aria-hidden="true"><span>{from.label} → {to.label}</span>{COLUMNS.map(({ carry, label }) => <span key={carry}>{label}</span>)}</div>
        {kinds.map(({ kind, label }) => (
          <Row key={kind} label={label} value={row[kind]} choose={(carry) => choose(kind, carry)} seen={customers.to} practice={to.practice} internal={internal} to={to.label} asks={kind === "internal"} />
        ))}
        <div className="carry-matrix-row carry-matrix-unknown"><span>Unknown visibility</span><span className="second">is never copied</span></div>
      </div>
      {asking && (
        <Question
          title="Make internal notes public?" confirm="Make internal notes public" danger safe="Keep internal" close={() => ask(false)}
          confirmed={() => {
            ask(false);
            change({ ...row, internal: "public" });
          }}
        >
          {customers.to ? "Internal notes will be visible to the customer." : `Internal notes will be visible to everybody who sees the ticket in ${to.label}.`}
        </Question>
      )}
    </>
  );
}

interface RowProps {
  label: string;
  value: Carry;
  choose: (carry: Carry) => void;
  /** A public copy reaches the customer. */
  seen: boolean;
  practice: boolean;
  internal: boolean | null;
  to: string;
  asks: boolean;
}

function Row({ label, value, choose, seen, practice, internal, to, asks }: RowProps) {
  const name = useId();
  return (
    <div className="carry-matrix-row" role="radiogroup" aria-label={`${label} becomes`}>
      <span className="carry-matrix-kind" aria-hidden="true">{label}</span>
      {COLUMNS.map(({ carry, label: column }) => {
        const missing = carry === "internal" && internal === false;
        return (
          <label key={carry} className={missing ? "carry-matrix-cell quiet" : "carry-matrix-cell"} title={missing ? `${to} has no internal comments here.` : undefined}>
            <input type="radio" className="radio" name={name} aria-label={column} checked={value === carry} disabled={missing && value !== carry} onChange={() => choose(carry)} aria-describedby={`${name}-${carry}`} />
            <span id={`${name}-${carry}`} className="carry-matrix-note">
              {carry === "public" && seen && <span className="seen"><Icon name="eye" small />{practice ? "Customer would see this" : "Customer will see this"}</span>}
              {carry === "public" && asks && value !== "public" && <span className="quiet">asks first</span>}
              {missing && <span>{to} has none here</span>}
            </span>
          </label>
        );
      })}
    </div>
  );
}
