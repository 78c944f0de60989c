// The value pairs of a row: two columns, a line for each pair, Everything else, and the card of the selected pair.
import { type Dispatch, useMemo, useRef, useState } from "react";
import type { FieldMapping } from "../../../api/generated/FieldMapping";
import type { FoundProblem } from "../../../api/generated/FoundProblem";
import type { Side } from "../../../api/generated/Side";
import type { ValuePair } from "../../../api/generated/ValuePair";
import { count, moment } from "../../../lib/format";
import { useKept } from "../../../lib/kept";
import { useTransport } from "../../../api/transport";
import { opposite } from "../editing/parts";
import { useOffline, waits } from "../editing/reach";
import { directionOf, fieldsOf, pairsOf, turned } from "../editing/rows";
import { inGroup, newPairDirection } from "./edits";
import { EverythingElse } from "./everything-else";
import { columnOf, linesOf, type Suggested } from "./lines";
import { noWayFrom, type Offers } from "./offer";
import { PairCard } from "./pair-card";
import { PairingCard } from "./pairing-card";
import type { Action } from "./reducer";
import type { Counting, Tickets } from "./use-counts";
import { Drawing } from "./value-drawing";
import { ValueList } from "./value-list";
import { ValueTable } from "./value-table";
import { DIRECTIONS, seenFrom } from "./words";

export interface Pairing {
  side: Side;
  value: string;
  /** The value of the other side it would be paired with. */
  with: string;
}

export interface ValueMark {
  undecided: boolean;
  /** Why the workflow does not lead here from everywhere. */
  blocked: string | null;
  gone: boolean;
}

interface ValueMapProps {
  row: FieldMapping;
  index: number;
  pair: number | null;
  offers: Offers;
  problems: FoundProblem[];
  tickets: Tickets;
  counts: Counting;
  dispatch: Dispatch<Action>;
  announce: (text: string) => void;
  focusRow: () => void;
}

export function ValueMap({ row, index, pair: selected, offers, problems, tickets, counts, dispatch, announce, focusRow }: ValueMapProps) {
  const [kept, keep] = useKept("value-map", { view: "lines" });
  const [unfolded, setUnfolded] = useState(false);
  const [pairing, setPairing] = useState<Pairing | null>(null);
  const [active, setActive] = useState<Record<Side, string | null>>({ source: null, target: null });
  const place = useRef<HTMLDivElement>(null);
  const offline = useOffline(offers.source.view, offers.target.view);
  const now = useTransport().now();

  const pairs = pairsOf(row);
  const [[source = ""], [target = ""]] = [fieldsOf(row, "source"), fieldsOf(row, "target")];
  const fields = useMemo(() => ({ source, target }), [source, target]);
  const held = useMemo(() => ({
    source: (value: string) => tickets("source", fields.source, value), target: (value: string) => tickets("target", fields.target, value),
  }), [tickets, fields]);
  const suggested = useMemo(() => suggestions(problems, index, row), [problems, index, row]);
  const blocked = useMemo(() => blockedSides(problems, pairs, fields, offers), [problems, pairs, fields, offers]);
  const sets = offers.source.field(source)?.kind === "set" && offers.target.field(target)?.kind === "set";
  const columns = useMemo(() => ({
    source: columnOf("source", offers.source.values(fields.source), pairs, suggested, held.source, unfolded),
    target: columnOf("target", offers.target.values(fields.target), pairs, suggested, held.target, unfolded),
  }), [offers, fields, pairs, suggested, held, unfolded]);
  const lines = useMemo(
    () => linesOf({ pairs, direction: row.direction, sets, blocked: new Set(blocked.keys()), suggested, ...columns }),
    [pairs, row.direction, sets, blocked, suggested, columns],
  );
  const marks = useMemo(() => {
    const undecided = lines.filter((line) => line.state === "undecided");
    const noWay = { source: new Map<string, string>(), target: new Map<string, string>() };
    for (const [at, side] of blocked) {
      const value = pairs[at]?.[side];
      if (value === undefined) continue;
      const from = noWayFrom(offers[side], value, (status) => (held[side](status) ?? 0) > 0);
      noWay[side].set(value, from.length === 0 ? "no step" : `not from ${from.join(", ")}`);
    }
    const of = (side: Side) => {
      const offered = new Set(offers[side].values(fields[side]).map((value) => value.id));
      return (value: string): ValueMark => ({
        undecided: undecided.some((line) => line[side] === value), blocked: noWay[side].get(value) ?? null, gone: offered.size > 0 && !offered.has(value),
      });
    };
    return { source: of("source"), target: of("target") };
  }, [lines, blocked, pairs, offers, held, fields]);

  const label = (side: Side, value: string) => offers[side].valueLabel(fields[side], value);
  const focusValue = (side: Side, value: string) => {
    setActive((before) => ({ ...before, [side]: value }));
    const options = place.current?.querySelectorAll<HTMLElement>(`[data-value-side="${side}"]`) ?? [];
    [...options].find((option) => option.dataset["value"] === value)?.focus();
  };
  const focusFold = (side: Side) => place.current?.querySelector<HTMLElement>(`[data-fold="${side}"]`)?.focus();
  const pairsAt = (side: Side, value: string) => pairs.flatMap((pair, at) => (pair[side] === value ? [at] : []));
  const named = (at: number) => {
    const pair = pairs[at];
    return pair === undefined ? "" : `${label("source", pair.source)} ${DIRECTIONS[directionOf(pair)].sign} ${label("target", pair.target)}`;
  };
  const spoken = (at: number, direction: keyof typeof DIRECTIONS) => {
    const pair = pairs[at];
    return pair === undefined ? "" : `${label("source", pair.source)} and ${label("target", pair.target)}: ${DIRECTIONS[direction].label}.`;
  };

  const join = (from: Side, value: string, partner: string) => {
    const ends = from === "source" ? { source: value, target: partner } : { source: partner, target: value };
    const known = pairs.findIndex((pair) => pair.source === ends.source && pair.target === ends.target);
    if (known >= 0) {
      dispatch({ type: "select_pair", pair: known });
      announce(`${label("source", ends.source)} and ${label("target", ends.target)} are paired already.`);
      return;
    }
    const direction = newPairDirection(pairs, ends.source, ends.target, row.direction);
    dispatch({ type: "edit", edit: { do: "add_pair", row: index, ...ends, direction } });
    announce(`${label("source", ends.source)} paired with ${label("target", ends.target)}: ${DIRECTIONS[direction].label}.`);
  };
  const turn = (at: number) => {
    const pair = pairs[at];
    if (pair === undefined) return;
    const direction = turned(directionOf(pair));
    dispatch({ type: "select_pair", pair: at });
    dispatch({ type: "edit", edit: { do: "turn_pair", row: index, pair: at, direction } });
    announce(spoken(at, direction));
  };
  const unpair = (at: number) => {
    dispatch({ type: "edit", edit: { do: "remove_pair", row: index, pair: at } });
    announce(`${named(at)} unpaired. Ctrl Z takes it back.`);
  };
  const leadBack = (at: number, on = true) => {
    dispatch({ type: "edit", edit: { do: "use_on_way_back", row: index, pair: at, on } });
    announce(`${named(at)} is ${on ? "" : "not "}used on the way back.`);
  };
  const focusPair = (at: number) => place.current?.querySelector<HTMLElement>(at < 0 ? ".value-table-add button" : `[data-pair="${at}"]`)?.focus();
  const toCard = () => place.current?.querySelector<HTMLElement>(".pair-card select, .pair-card button, .pair-card input")?.focus();

  const beginPairing = (side: Side, value: string) => {
    const other = opposite(side);
    const free = columns[other].shown.filter((option) => pairsAt(other, option.id).length === 0);
    const likely = suggested.find((each) => each[side] === value)?.[other] ?? free[0]?.id ?? columns[other].shown[0]?.id;
    if (likely === undefined) return;
    setPairing({ side, value, with: likely });
    focusValue(other, likely);
    announce(question(side, value, likely));
  };
  const question = (side: Side, value: string, partner: string) => {
    const [here, there] = [held[side](value), held[opposite(side)](partner)];
    const tally = here === null || there === null ? "" : ` ${count(here)} tickets here, ${count(there)} there.`;
    return `Pair ${label(side, value)} with ${label(opposite(side), partner)}?${tally} ${way(side, value, partner)}.`;
  };
  const way = (side: Side, value: string, partner: string) => {
    const [from, to] = side === "source" ? [value, partner] : [partner, value];
    const direction = newPairDirection(pairs, from, to, row.direction);
    return direction === "<->" ? "Both ways" : `To ${offers[direction === "->" ? "target" : "source"].view.label} only`;
  };

  const pointAt = (side: Side, value: string) => {
    focusValue(side, value);
    if (pairing !== null) {
      setPairing({ ...pairing, with: value });
      announce(question(pairing.side, pairing.value, value));
    } else selectOf(side, value);
  };
  const unfold = (side: Side) => {
    const { folded } = columns[side];
    setUnfolded(true);
    if (folded !== null) window.setTimeout(() => pointAt(side, folded));
  };
  /** Answers whether the key meant something. */
  const pressFold = (side: Side, key: string): boolean => {
    const { shown } = columns[side];
    if (key === "Enter" || key === " " || key === "ArrowRight") unfold(side);
    else if (key === "Escape") pressEscape();
    else {
      const back = { ArrowUp: shown.length - 1, PageUp: shown.length - 10, Home: 0 }[key];
      const value = back === undefined ? undefined : shown[Math.max(0, back)];
      if (value === undefined) return key === "ArrowDown" || key === "End" || key === "PageDown";
      pointAt(side, value.id);
    }
    return true;
  };
  const pressEscape = () => {
    if (pairing !== null) {
      setPairing(null);
      announce("Not paired.");
      focusValue(pairing.side, pairing.value);
    } else if (selected !== null) dispatch({ type: "select_pair", pair: null });
    else focusRow();
  };

  /** Answers whether the key meant something. */
  const press = (side: Side, value: string, key: string): boolean => {
    const shown = columns[side].shown;
    const at = shown.findIndex((option) => option.id === value);
    const last = columns[side].hidden > 0 ? shown.length : shown.length - 1;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: last, PageDown: at + 10, PageUp: at - 10 }[key];
    if (to !== undefined && to >= shown.length && last === shown.length) {
      focusFold(side);
      return true;
    }
    if (to !== undefined) {
      const next = shown[Math.max(0, Math.min(shown.length - 1, to))];
      if (next !== undefined) pointAt(side, next.id);
      return true;
    }
    if (pairing !== null) {
      if (key === "Escape") pressEscape();
      else if (key === "Enter" || key === " ") {
        setPairing(null);
        join(pairing.side, pairing.value, value);
        focusValue(pairing.side, pairing.value);
      } else return false;
      return true;
    }
    const own = pairsAt(side, value);
    const chosen = selected !== null && own.includes(selected) ? selected : own[0];
    if (key === " ") beginPairing(side, value);
    else if (key === (side === "source" ? "ArrowRight" : "ArrowLeft")) {
      const pair = chosen === undefined ? undefined : pairs[chosen];
      if (pair === undefined || chosen === undefined) announce(`${label(side, value)} is unpaired.`);
      else {
        dispatch({ type: "select_pair", pair: chosen });
        focusValue(opposite(side), pair[opposite(side)]);
      }
    } else if (key === "Enter") {
      const next = own[(own.indexOf(selected ?? -1) + 1) % Math.max(1, own.length)];
      if (next === undefined) announce(`${label(side, value)} is unpaired. Space pairs it.`);
      else {
        dispatch({ type: "select_pair", pair: next });
        announce(`${named(next)} selected.`);
      }
    } else if (key === "Escape") pressEscape();
    else if (chosen !== undefined && key === "d") turn(chosen);
    else if (chosen !== undefined && key === "r" && inGroup(pairs, chosen)) leadBack(chosen);
    else if (chosen !== undefined && key === "e") {
      dispatch({ type: "select_pair", pair: chosen });
      window.setTimeout(toCard);
    } else if (chosen !== undefined && key === "Delete") unpair(chosen);
    else return false;
    return true;
  };
  const selectOf = (side: Side, value: string) => {
    const own = pairsAt(side, value);
    if (selected === null || !own.includes(selected)) dispatch({ type: "select_pair", pair: own[0] ?? null });
  };

  const list = (side: Side) => (
    <ValueList
      side={side} name={`${offers[side].label(fields[side])} values, ${offers[side].view.label}`} column={columns[side]} marks={marks[side]} held={held[side]} active={active[side]} selected={selected === null ? null : (pairs[selected]?.[side] ?? null)} pairing={pairing}
      partners={(value) => pairsAt(side, value).flatMap((at) => {
        const pair = pairs[at];
        return pair === undefined ? [] : [{ partner: label(opposite(side), pair[opposite(side)]), direction: seenFrom(side, pair) }];
      })}
      press={press} pressFold={pressFold} unfold={() => unfold(side)}
      click={(value) => {
        if (pairing !== null && pairing.side !== side) {
          setPairing(null);
          join(pairing.side, pairing.value, value);
          return;
        }
        setPairing(null);
        focusValue(side, value);
        selectOf(side, value);
      }}
    />
  );
  const heading = (side: Side) => (
    <div className="value-heading">
      <strong className="cut">{offers[side].label(fields[side])}</strong>
      <button
        type="button" className={counts.error !== null && waits(counts.error) ? "value-counted tone-warn" : "value-counted"} aria-disabled={offline !== null || undefined}
        title={offline ?? counts.error?.message ?? (counts.counted === null ? "Count the tickets" : `Counted ${moment(counts.counted.counted_ms, now)}. Count again`)} onClick={offline === null ? counts.again : undefined}
      >
        {counts.busy ? "counting…" : counts.error === null ? "tickets now" : waits(counts.error) ? "waits" : "not counted"}
      </button>
    </div>
  );
  const troubleOf = (side: Side, value: string) => {
    const mark = marks[side](value);
    return mark.gone ? "not offered any more" : mark.blocked;
  };
  const shownPair = selected === null ? undefined : pairs[selected];
  const otherwise = row.rule.kind === "values" ? row.rule : null;
  return (
    <div className="value-map" role="group" aria-label={`Value pairs of ${offers.source.label(source)} and ${offers.target.label(target)}`} ref={place}>
      <div className="value-columns value-head">
        {heading("source")}
        <div className="segments segments-small" role="group" aria-label="Show the pairs as">
          <button type="button" aria-pressed={kept.view === "lines"} onClick={() => keep({ view: "lines" })}>Lines</button>
          <button type="button" aria-pressed={kept.view === "table"} onClick={() => keep({ view: "table" })}>Table</button>
        </div>
        {heading("target")}
      </div>
      {kept.view === "table" ? (
        <ValueTable row={row} index={index} offers={offers} fields={fields} held={held} lines={lines} marks={marks} selected={selected} dispatch={dispatch} turn={turn} unpair={unpair} leadBack={leadBack} join={(from, to) => join("source", from, to)} />
      ) : (
        <div className="value-columns value-lines">
          {list("source")}
          <Drawing
            lines={lines} source={columns.source} target={columns.target} marks={marks} selected={selected} pairing={pairing} join={join} turn={turn} paired={(side, value) => pairsAt(side, value).length > 0} name={named}
            select={(at) => dispatch({ type: "select_pair", pair: at })}
            accept={(line) => dispatch({ type: "edit", edit: { do: "add_pair", row: index, source: line.source, target: line.target, direction: line.direction } })}
          />
          {list("target")}
        </div>
      )}
      {otherwise !== null && <EverythingElse source={row.direction === "->" ? null : otherwise.otherwise_back} target={row.direction === "<-" ? null : otherwise.otherwise} row={row} index={index} offers={offers} dispatch={dispatch} />}
      {pairing !== null && <PairingCard title={`Pair ${label(pairing.side, pairing.value)} with ${label(opposite(pairing.side), pairing.with)}?`} here={held[pairing.side](pairing.value)} there={held[opposite(pairing.side)](pairing.with)} way={way(pairing.side, pairing.value, pairing.with)} />}
      {pairing === null && shownPair !== undefined && selected !== null && (
        <PairCard
          key={selected} row={row} index={index} pair={shownPair} at={selected} fields={fields} trouble={{ source: troubleOf("source", shownPair.source), target: troubleOf("target", shownPair.target) }} offers={offers} dispatch={dispatch} turn={turn} leadBack={leadBack}
          back={() => (kept.view === "table" ? focusPair(selected) : focusValue("source", shownPair.source))}
          unpair={() => {
            unpair(selected);
            if (kept.view === "table") window.setTimeout(() => focusPair(Math.min(selected, pairs.length - 2)));
            else focusValue("source", shownPair.source);
          }}
        />
      )}
    </div>
  );
}

/** Pairs whose status cannot be reached, and on which side: the checker says so, or the workflow that has no way to it. */
function blockedSides(problems: FoundProblem[], pairs: ValuePair[], fields: Record<Side, string>, offers: Offers): Map<number, Side> {
  return new Map(problems.flatMap(({ code, place, about }): [number, Side][] => {
    if (code !== "status_unreachable" || place.part !== "field" || place.pair === undefined) return [];
    const pair = pairs[place.pair];
    const stuck = (side: Side) => pair !== undefined && offers[side].isStatus(fields[side]) && noWayFrom(offers[side], pair[side], () => true).length > 0;
    return [[place.pair, about?.side ?? (!stuck("target") && stuck("source") ? "source" : "target")]];
  }));
}

/** Pairs that the checker would draw, as long as nobody drew them meanwhile. */
function suggestions(problems: FoundProblem[], index: number, row: FieldMapping): Suggested[] {
  const pairs = pairsOf(row);
  const found = problems.flatMap(({ code, remedies }) => {
    const change = remedies[0]?.changes[0];
    if (code !== "value_without_pair" || change?.do !== "add_pair" || change.field !== index) return [];
    const { source, target, direction } = change;
    return pairs.some((pair) => pair.source === source && pair.target === target) ? [] : [{ source, target, direction }];
  });
  return [...new Map(found.map((each) => [`${each.source}=${each.target}`, each])).values()];
}
