// Two tickets side by side before they are linked: their fields, and the comments and files that are on both sides already.
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import type { LinkPreview } from "../../api/generated/LinkPreview";
import { Icon } from "../../components/icons";
import { Checkbox } from "../../components/kit";
import { plural } from "../../lib/format";

/** A comment or file by itself: ids of the two sides may be alike. */
export function idOf(one: LinkPreview["content"][number]): string {
  return `${one.kind} ${one.side} ${one.id}`;
}

interface BesideProps {
  preview: LinkPreview;
  card: ConnectionCard;
  foreign: ReadonlySet<string>;
  mark: (next: ReadonlySet<string>) => void;
}

export function Beside({ preview, card, foreign, mark }: BesideProps) {
  const { source, target, rows, content } = preview;
  const differ = rows.filter((row) => row.equal === false).length;
  const set = (id: string, there: boolean) => {
    const next = new Set(foreign);
    if (there) next.delete(id);
    else next.add(id);
    mark(next);
  };
  return (
    <>
      <div className="link-scroll" tabIndex={0} role="group" aria-label="Both tickets side by side">
        <table className="link-beside" aria-label="Fields of both">
          <thead>
            <tr><th scope="col">Field</th><th scope="col">{source.key} <span className="second">{card.source_side.label}</span></th><th scope="col">{target.key} <span className="second">{card.target_side.label}</span></th><th scope="col"><span className="hidden-text">Equal</span></th></tr>
          </thead>
          <tbody>
            <tr><th scope="row">Title</th><td>{source.title}</td><td>{target.title}</td><td /></tr>
            {rows.map((row, at) => (
              <tr key={`${row.source_label} ${at}`} className={row.equal === false ? "link-differs" : undefined}>
                <th scope="row">{row.source_label === row.target_label ? row.source_label : `${row.source_label}, ${row.target_label}`}</th>
                <td><Value text={row.source} /></td>
                <td><Value text={row.target} /></td>
                <td><Equal equal={row.equal} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="second">{differ === 0 ? "No field is known to differ." : `${plural(differ, "field")} ${differ === 1 ? "differs" : "differ"}.`}</p>
      {content.length > 0 && (
        <fieldset className="link-content">
          <legend>Comments and files that count as already on the other side</legend>
          {content.map((one) => (
            <Checkbox
              key={idOf(one)} on={!foreign.has(idOf(one))} change={(on) => set(idOf(one), on)}
              label={one.text === "" ? "Without text" : one.text}
              note={[one.side === "source" ? card.source_side.label : card.target_side.label, one.kind === "file" ? "file" : one.public === null ? "comment" : one.public ? "public comment" : "internal comment", one.author, one.there_too ? "the same is on the other side" : "not found on the other side"].filter(Boolean).join(", ")}
            />
          ))}
          <p className="second">What is not ticked is copied by the next run, as the rules of the connection have it.</p>
        </fieldset>
      )}
    </>
  );
}

function Value({ text }: { text: string }) {
  return text === "" ? <span className="quiet">empty</span> : <>{text}</>;
}

function Equal({ equal }: { equal: boolean | null }) {
  if (equal === null) return <span className="quiet" title="Not compared"><Icon name="nothing" small /><span className="hidden-text">not compared</span></span>;
  return equal
    ? <span className="tone-ok" title="Equal"><Icon name="check" small /><span className="hidden-text">equal</span></span>
    : <span className="tone-warn" title="Differs"><Icon name="warning" small /><span className="hidden-text">differs</span></span>;
}
