// A still picture of two ticket lists and the lines between them; screen readers get the sentence.
import type { Tone } from "../../lib/words";

interface Row {
  title: string;
  source: [key: string, status: string];
  target: [key: string, status: string];
  tone: Tone;
  sign: string;
}

const ROWS: Row[] = [
  { title: "Label printer prints blank", source: ["INC0010471", "New"], target: ["HD-208", "To do"], tone: "plain", sign: "→" },
  { title: "Mail arrives an hour late", source: ["INC0010468", "In Progress"], target: ["HD-205", "Working"], tone: "accent", sign: "⇄" },
  { title: "VPN drops at noon", source: ["INC0010460", "On Hold"], target: ["HD-201", "Waiting"], tone: "warn", sign: "⇄" },
  { title: "Badge for a new colleague", source: ["INC0010452", "Resolved"], target: ["HD-197", "Solved"], tone: "ok", sign: "⇄" },
];

export function StillPicture() {
  return (
    <div className="still" role="img" aria-label="Four tickets of one help desk, each linked to the same ticket of the other, with the status that belongs to it there.">
      <div className="still-head" aria-hidden="true"><span>Source</span><span>Target</span></div>
      {ROWS.map((row) => (
        <div className="still-row" key={row.title} aria-hidden="true">
          <StillTicket title={row.title} ticket={row.source} tone={row.tone} />
          <span className={`still-line${row.tone === "warn" ? " still-line-waits" : ""}`}><span>{row.sign}</span></span>
          <StillTicket title={row.title} ticket={row.target} tone={row.tone} />
        </div>
      ))}
    </div>
  );
}

function StillTicket({ title, ticket: [key, status], tone }: { title: string; ticket: [string, string]; tone: Tone }) {
  return (
    <div className="still-ticket">
      <span className="cut">{title}</span>
      <span className="still-second"><span>{key}</span><span className={`pill pill-${tone}`}>{status}</span></span>
    </div>
  );
}
