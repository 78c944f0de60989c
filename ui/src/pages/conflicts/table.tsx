// The fields in conflict: what both sides last agreed on, what each says now, and a choice per field.
import type { KeyboardEvent } from "react";
import type { Choice } from "../../api/generated/Choice";
import type { ConflictView } from "../../api/generated/ConflictView";
import type { ConnectionCard } from "../../api/generated/ConnectionCard";
import { Icon } from "../../components/icons";
import { Moment, Tile } from "../../components/shapes";
import { type Choices, chosenOf, overtaken, refusal } from "../../lib/conflict";
import { moment } from "../../lib/format";
import { wordDiff } from "../../lib/word-diff";
import { useNow } from "../../state/live";

interface TableProps {
  fields: ConflictView[];
  card: ConnectionCard | undefined;
  names: { source: string; target: string };
  choices: Choices;
  choose: (place: number, choice: Choice) => void;
  at: number;
  setAt: (place: number) => void;
}

export function FieldTable({ fields, card, names, choices, choose, at, setAt }: TableProps) {
  const keys = (event: KeyboardEvent<HTMLElement>) => {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const place = Math.max(0, Math.min(fields.length - 1, at + by));
    setAt(place);
    const radios = [...event.currentTarget.querySelectorAll<HTMLInputElement>(`input[data-place="${place}"]`)];
    (radios.find((radio) => radio.checked) ?? radios.find((radio) => !radio.disabled))?.focus();
  };
  return (
    <div className="card conflict-card">
      <table className="conflict-table" aria-label="Fields in conflict" onKeyDown={keys}>
        <colgroup><col className="conflict-field-column" /><col className="conflict-agreed-column" /><col /><col /></colgroup>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col"><span className="conflict-column"><Icon name="checked" /><strong>Last agreed</strong></span></th>
            <th scope="col"><span className="conflict-column">{card !== undefined && <Tile small side={card.source_side} role="source" />}<strong>{names.source}</strong><span>source</span><Changed ms={fields[0]?.source_changed_ms ?? null} /></span></th>
            <th scope="col"><span className="conflict-column">{card !== undefined && <Tile small side={card.target_side} role="target" />}<strong>{names.target}</strong><span>target</span><Changed ms={fields[0]?.target_changed_ms ?? null} /></span></th>
          </tr>
        </thead>
        <tbody>
          {fields.map((field, place) => {
            const chosen = chosenOf(field, choices);
            const shared = { field, place, chosen, choose, focus: () => setAt(place) };
            return (
              <tr key={field.id} className={place === at ? "conflict-here" : undefined}>
                <th scope="row">
                  <span className="conflict-field">{field.field}</span>
                  {overtaken(field, choices) && <span className="conflict-changed"><Icon name="warning" small />Changed since you chose</span>}
                  <Option {...shared} choice="leave" refused={null}>Leave both</Option>
                </th>
                <td className="conflict-agreed">
                  <Value text={field.agreed_source} before={field.agreed_source} />
                  {field.agreed_target !== field.agreed_source && <span className="conflict-in"><span className="quiet">in {names.target}</span> <Value text={field.agreed_target} before={field.agreed_target} /></span>}
                </td>
                <td className={chosen === "source" ? "conflict-chosen" : undefined}>
                  <Option {...shared} choice="source" refused={refusal(field, "source", names.target)}><span className="hidden-text">{names.source}: </span><Value text={field.source} before={field.agreed_source} /></Option>
                </td>
                <td className={chosen === "target" ? "conflict-chosen" : undefined}>
                  <Option {...shared} choice="target" refused={refusal(field, "target", names.source)}><span className="hidden-text">{names.target}: </span><Value text={field.target} before={field.agreed_target} /></Option>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** When the ticket last changed, as far as it was read. */
function Changed({ ms }: { ms: number | null }) {
  const now = useNow(60_000);
  return ms === null ? null : <span>changed <Moment ms={ms}>{moment(ms, now)}</Moment></span>;
}

interface OptionProps {
  field: ConflictView;
  place: number;
  choice: Choice;
  chosen: Choice | null;
  choose: (place: number, choice: Choice) => void;
  focus: () => void;
  refused: string | null;
  children: React.ReactNode;
}

function Option({ field, place, choice, chosen, choose, focus, refused, children }: OptionProps) {
  return (
    <label className={choice === "leave" ? "conflict-option conflict-leave" : "conflict-option"}>
      <input
        type="radio" className="radio" name={`conflict-${field.id}`} value={choice} data-place={place} checked={chosen === choice} disabled={refused !== null}
        onChange={() => choose(place, choice)} onFocus={focus}
      />
      <span className="conflict-text">
        {children}
        {refused !== null && <span className="conflict-refused">{refused}</span>}
      </span>
    </label>
  );
}

/** A value, with the words underlined that were not in the agreed one. */
function Value({ text, before }: { text: string; before: string }) {
  if (text === "") return <span className={before === "" ? "quiet" : "conflict-mark"}>empty</span>;
  return (
    <span className="conflict-value">
      {wordDiff(before, text).map((piece, at) => (piece.changed ? <mark key={at} className="conflict-mark">{piece.text}</mark> : <span key={at}>{piece.text}</span>))}
    </span>
  );
}
