// One column of values: a listbox with a roving Tab stop; every value says what it is paired with.
import { memo } from "react";
import type { Direction } from "../../../api/generated/Direction";
import type { Side } from "../../../api/generated/Side";
import { count } from "../../../lib/format";
import type { Column } from "./lines";
import type { Pairing, ValueMark } from "./value-map";
import { useSteady } from "./use-steady";
import { valueName } from "./words";

interface ValueListProps {
  side: Side;
  name: string;
  column: Column;
  marks: (value: string) => ValueMark;
  held: (value: string) => number | null;
  active: string | null;
  /** The value of the selected pair. */
  selected: string | null;
  pairing: Pairing | null;
  partners: (value: string) => { partner: string; direction: Direction }[];
  press: (side: Side, value: string, key: string) => boolean;
  click: (value: string) => void;
  /** Keys on the row that stands for the folded values. */
  pressFold: (side: Side, key: string) => boolean;
  unfold: () => void;
}

export function ValueList({ side, name, column, marks, held, active, selected, pairing, partners, press, pressFold, click, unfold }: ValueListProps) {
  const clicked = useSteady(click);
  const stop = column.shown.some((option) => option.id === active) ? active : (selected ?? column.shown[0]?.id);
  const known = column.shown.some((option) => held(option.id) !== null);
  return (
    <ul
      className="value-list" role="listbox" aria-label={name} data-pairing={pairing === null ? undefined : pairing.side === side ? "from" : "to"}
      onKeyDown={(event) => {
        const { value, fold } = (event.target as HTMLElement).dataset;
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
        const meant = value !== undefined ? press(side, value, key) : fold !== undefined && pressFold(side, key);
        if (!meant) return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      {column.shown.map((option) => {
        const mark = marks(option.id);
        const own = partners(option.id);
        const tickets = held(option.id);
        const trouble = mark.gone ? "not offered any more" : mark.undecided ? "error" : mark.blocked === null ? null : `warning, ${mark.blocked}`;
        return (
          <Value
            key={option.id} side={side} id={option.id} label={option.label} tickets={tickets} name={valueName(option.label, tickets, own, trouble)} unpaired={own.length === 0} gone={mark.gone} blocked={mark.blocked}
            selected={selected === option.id} reachable={option.id === stop} pairing={pairing !== null && (pairing.side === side ? pairing.value : pairing.with) === option.id} click={clicked}
          />
        );
      })}
      {column.hidden > 0 && (
        <li className="value value-fold" role="option" aria-selected={false} tabIndex={-1} data-fold={side} onClick={unfold}>
          + {count(column.hidden)} more {known ? "without tickets" : "without a pair"}
        </li>
      )}
    </ul>
  );
}

interface ValueProps {
  side: Side;
  id: string;
  label: string;
  name: string;
  tickets: number | null;
  unpaired: boolean;
  gone: boolean;
  blocked: string | null;
  selected: boolean;
  reachable: boolean;
  pairing: boolean;
  click: (value: string) => void;
}

const Value = memo(function Value({ side, id, label, name, tickets, unpaired, gone, blocked, selected, reachable, pairing, click }: ValueProps) {
  const classes = ["value", selected ? "value-selected" : "", pairing ? "value-pairing" : "", blocked === null ? "" : "value-blocked", gone ? "value-gone" : ""];
  const note = gone ? "not offered" : (blocked ?? (unpaired ? "unpaired" : null));
  return (
    <li className={classes.filter(Boolean).join(" ")} role="option" aria-selected={selected || pairing} tabIndex={reachable ? 0 : -1} data-value-side={side} data-value={id} title={note === null ? label : `${label}, ${note}`} onClick={() => click(id)}>
      <span className="hidden-text">{name}</span>
      <span className="value-label cut" aria-hidden="true">{label}</span>
      {note !== null && <span className="value-note cut" aria-hidden="true">{note}</span>}
      <span className="value-count" aria-hidden="true">{tickets === null ? "–" : count(tickets)}</span>
    </li>
  );
});
