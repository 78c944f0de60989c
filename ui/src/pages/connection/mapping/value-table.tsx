// The same pairs as a grid: everything the lines show, in words, and the same things to do.
import { type Dispatch, useEffect, useRef, useState } from "react";
import type { FieldMapping } from "../../../api/generated/FieldMapping";
import type { Side } from "../../../api/generated/Side";
import { Icon } from "../../../components/icons";
import { Button } from "../../../components/kit";
import { PickMenu } from "../../../components/pick-menu";
import { count } from "../../../lib/format";
import { directionOf, pairsOf } from "../editing/rows";
import { inGroup } from "./edits";
import type { Line } from "./lines";
import type { Offers } from "./offer";
import type { Action } from "./reducer";
import type { ValueMark } from "./value-map";
import { DIRECTIONS } from "./words";

interface ValueTableProps {
  row: FieldMapping;
  index: number;
  offers: Offers;
  fields: Record<Side, string>;
  held: Record<Side, (value: string) => number | null>;
  lines: Line[];
  marks: Record<Side, (value: string) => ValueMark>;
  selected: number | null;
  dispatch: Dispatch<Action>;
  turn: (pair: number) => void;
  unpair: (pair: number) => void;
  leadBack: (pair: number) => void;
  join: (source: string, target: string) => void;
}

export function ValueTable({ row, offers, fields, held, lines, marks, selected, dispatch, turn, unpair, leadBack, join }: ValueTableProps) {
  const [source, setSource] = useState("");
  const [target, setTarget] = useState("");
  const table = useRef<HTMLTableElement>(null);
  const wanted = useRef<{ at: number; on: "row" | "button" } | null>(null);
  const pairs = pairsOf(row);
  const label = (side: Side, value: string) => offers[side].valueLabel(fields[side], value);
  const tickets = (side: Side, value: string) => {
    const now = held[side](value);
    return now === null ? "–" : count(now);
  };
  // The focus goes to the next pair, on the part it was on.
  const remove = (at: number, on: "row" | "button") => {
    const next = Math.min(at, pairs.length - 2);
    wanted.current = { at: next, on };
    unpair(at);
    if (next >= 0) dispatch({ type: "select_pair", pair: next });
  };
  useEffect(() => {
    const want = wanted.current;
    if (want === null) return;
    wanted.current = null;
    const part = want.at < 0 ? ".value-table-add button" : want.on === "row" ? `[data-pair="${want.at}"]` : `[data-pair="${want.at}"] [data-remove]`;
    table.current?.querySelector<HTMLElement>(part)?.focus();
  });
  const press = (event: React.KeyboardEvent<HTMLTableRowElement>, at: number) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey) return;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: pairs.length - 1 }[event.key];
    const key = event.key.toLowerCase();
    if (to !== undefined) {
      const next = Math.max(0, Math.min(pairs.length - 1, to));
      dispatch({ type: "select_pair", pair: next });
      (event.currentTarget.parentElement?.children[next] as HTMLElement | undefined)?.focus();
    } else if (key === "d") turn(at);
    else if (key === "r" && inGroup(pairs, at)) leadBack(at);
    else if (key === "delete") remove(at, "row");
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const add = (from: string, to: string) => {
    if (from === "" || to === "") return;
    join(from, to);
    setSource("");
    setTarget("");
  };
  const unpaired = (side: Side) => {
    const options = offers[side].values(fields[side]).map((value) => ({ value: value.id, label: value.label }));
    const free = (value: string) => !pairs.some((pair) => pair[side] === value);
    return [{ label: "Unpaired", options: options.filter((each) => free(each.value)) }, { label: "Paired", options: options.filter((each) => !free(each.value)) }];
  };
  const picker = (side: Side, chosen: string, set: (value: string) => void, done: (value: string) => void) => (
    <PickMenu
      field label={`${offers[side].view.label} value of the new pair`} value={chosen} groups={unpaired(side)}
      choose={(next) => {
        set(next);
        done(next);
      }}
    ><span className="cut">{chosen !== "" ? label(side, chosen) : side === "source" ? "Pair a value…" : "Choose a value…"}</span></PickMenu>
  );
  return (
    <table ref={table} className="value-table" role="grid" aria-label={`Pairs of ${offers.source.label(fields.source)} and ${offers.target.label(fields.target)}`}>
      <thead>
        <tr>
          <th scope="col">{offers.source.view.label}</th><th scope="col" className="number">Tickets</th><th scope="col" className="rows-middle">Direction</th>
          <th scope="col">{offers.target.view.label}</th><th scope="col" className="number">Tickets</th><th scope="col">State</th><th scope="col"><span className="hidden-text">Remove</span></th>
        </tr>
      </thead>
      <tbody>
        {pairs.map((pair, at) => {
          const direction = DIRECTIONS[directionOf(pair)];
          const names = `${label("source", pair.source)} and ${label("target", pair.target)}`;
          const state = lines.find((line) => line.pair === at)?.state ?? "plain";
          const here = at === (selected ?? 0);
          const word = state === "undecided" ? "not decided" : state === "blocked" ? (marks.target(pair.target).blocked ?? marks.source(pair.source).blocked ?? "no step") : "paired";
          const tone = state === "undecided" ? "tone-bad" : state === "blocked" ? "tone-warn" : "second";
          return (
            <tr key={`${pair.source}=${pair.target}`} data-pair={at} tabIndex={here ? 0 : -1} aria-selected={at === selected} onKeyDown={(event) => press(event, at)} onClick={() => dispatch({ type: "select_pair", pair: at })}>
              <th scope="row" className="cut" title={label("source", pair.source)}>{label("source", pair.source)}</th>
              <td className="number quiet">{tickets("source", pair.source)}</td>
              <td className="rows-middle"><button type="button" className="row-direction" tabIndex={here ? 0 : -1} aria-label={`${names}: ${direction.label}. Turn`} title={direction.label} onClick={() => turn(at)}><Icon name={direction.icon} /></button></td>
              <td className="cut" title={label("target", pair.target)}>{label("target", pair.target)}</td>
              <td className="number quiet">{tickets("target", pair.target)}</td>
              <td className={`cut ${tone}`} title={word}>{word}</td>
              <td><Button kind="quiet" size="small" className="button-icon" tabIndex={here ? 0 : -1} data-remove="" aria-label={`Remove pair ${names}`} onClick={(event) => {
                event.stopPropagation();
                remove(at, "button");
              }}><Icon name="close" small /></Button></td>
            </tr>
          );
        })}
        <tr className="value-table-add">
          <td colSpan={2}>{picker("source", source, setSource, (next) => add(next, target))}</td>
          <td className="rows-middle quiet">with</td>
          <td colSpan={2}>{picker("target", target, setTarget, (next) => add(source, next))}</td>
          <td colSpan={2} />
        </tr>
      </tbody>
    </table>
  );
}
