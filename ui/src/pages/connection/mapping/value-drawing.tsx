// The drawing between two columns: lines, ports and chips in one SVG. Screen readers do not see it: the columns and the
// table say the same. Drag from port to port, click a line to select it, click its chip to turn it.
import { memo, type PointerEvent, useRef, useState } from "react";
import type { Side } from "../../../api/generated/Side";
import { BOX_WIDTH, centre, CHIP, chipAt, headPath, linePath, PORT_HIT, PORT_RADIUS, reachPath, ROW_HEIGHT, rowAt } from "./geometry";
import type { Column, Line } from "./lines";
import { useSteady } from "./use-steady";
import type { Pairing, ValueMark } from "./value-map";

interface DrawingProps {
  lines: Line[];
  source: Column;
  target: Column;
  marks: Record<Side, (value: string) => ValueMark>;
  selected: number | null;
  pairing: Pairing | null;
  paired: (side: Side, value: string) => boolean;
  name: (pair: number) => string;
  select: (pair: number) => void;
  turn: (pair: number) => void;
  accept: (line: Line) => void;
  join: (from: Side, value: string, partner: string) => void;
}

interface Reach {
  side: Side;
  value: string;
  row: number;
  x: number;
  y: number;
}

const ORDER = { plain: 0, suggested: 1, blocked: 2, undecided: 3 };

export function Drawing({ lines, source, target, marks, selected, pairing, paired, name, select, turn, accept, join }: DrawingProps) {
  const box = useRef<SVGSVGElement>(null);
  const [reach, setReach] = useState<Reach | null>(null);
  const rows = (column: Column) => column.shown.length + (column.hidden > 0 ? 1 : 0);
  const height = Math.max(rows(source), rows(target)) * ROW_HEIGHT;
  // What matters is drawn last, on top.
  const sorted = [...lines].sort((one, other) => Number(one.pair === selected && one.pair !== null) - Number(other.pair === selected && other.pair !== null) || ORDER[one.state] - ORDER[other.state]);
  const asked = pairing === null ? null : {
    from: source.rowOf(pairing.side === "source" ? pairing.value : pairing.with), to: target.rowOf(pairing.side === "target" ? pairing.value : pairing.with),
  };

  const at = (event: PointerEvent) => {
    const frame = box.current?.getBoundingClientRect();
    return { x: event.clientX - (frame?.left ?? 0), y: event.clientY - (frame?.top ?? 0) };
  };
  const start = (event: PointerEvent<SVGRectElement>, side: Side, value: string, row: number) => {
    if (event.button !== 0) return;
    event.preventDefault();
    // The drawing hears the rest, wherever the pointer goes; jsdom knows no capture.
    if (box.current !== null && "setPointerCapture" in box.current) box.current.setPointerCapture(event.pointerId);
    setReach({ side, value, row, ...at(event) });
  };
  const move = (event: PointerEvent) => {
    if (reach !== null) setReach({ ...reach, ...at(event) });
  };
  const drop = (event: PointerEvent) => {
    if (reach === null) return;
    const { x, y } = at(event);
    setReach(null);
    const column = reach.side === "source" ? target : source;
    const near = reach.side === "source" ? x > BOX_WIDTH - PORT_HIT : x < PORT_HIT;
    const row = near ? rowAt(y, column.shown.length) : null;
    const partner = row === null ? undefined : column.shown[row];
    if (partner !== undefined) join(reach.side, reach.value, partner.id);
  };

  const begin = useSteady(start);
  const pick = useSteady((line: Line) => (line.pair === null ? accept(line) : select(line.pair)));
  const flip = useSteady((line: Line) => (line.pair === null ? accept(line) : turn(line.pair)));
  const stateOf = (line: Line) => (line.pair !== null && line.pair === selected && pairing === null ? "selected" : line.state);
  const shown = sorted.filter((line) => asked === null || line.pair !== null || line.from !== asked.from || line.to !== asked.to);
  const lit = lines.find((line) => line.pair !== null && line.pair === selected);
  const ports = (side: Side, column: Column) => column.shown.map((option, row) => {
    const mark = marks[side](option.id);
    const asking = pairing !== null && (pairing.side === side ? pairing.value : pairing.with) === option.id;
    const state = asking ? "asking" : lit?.[side] === option.id ? "selected" : mark.undecided ? "undecided" : mark.blocked !== null ? "blocked" : paired(side, option.id) ? "plain" : "free";
    const grown = reach !== null && reach.side !== side;
    const near = grown && rowAt(reach.y, column.shown.length) === row && (side === "target" ? reach.x > BOX_WIDTH - PORT_HIT : reach.x < PORT_HIT);
    return <Port key={option.id} side={side} value={option.id} row={row} state={state} grown={grown} near={near} begin={begin} />;
  });

  return (
    <svg
      className="value-drawing" ref={box} width={BOX_WIDTH} height={height} viewBox={`0 0 ${BOX_WIDTH} ${height}`} aria-hidden="true" focusable="false"
      onPointerMove={move} onPointerUp={drop} onPointerCancel={() => setReach(null)}
    >
      {shown.map((line) => <Shape key={`${line.source}=${line.target}`} line={line} state={stateOf(line)} pick={pick} />)}
      {asked?.from !== undefined && asked.to !== undefined && <g className="line line-asking"><path className="line-path" d={linePath(asked.from, asked.to, "target")} /></g>}
      {reach !== null && <g className="line line-asking"><path className="line-path" d={reachPath(reach.side, reach.row, reach.x, reach.y)} /></g>}
      {ports("source", source)}
      {ports("target", target)}
      {shown.map((line) => <Chip key={`${line.source}=${line.target}`} line={line} state={stateOf(line)} name={line.pair === null ? "" : name(line.pair)} flip={flip} />)}
      {asked?.from !== undefined && asked.to !== undefined && <PairChip x={chipAt(asked.from, asked.to, "target").x} y={chipAt(asked.from, asked.to, "target").y} />}
    </svg>
  );
}

interface PortProps {
  side: Side;
  value: string;
  row: number;
  state: string;
  grown: boolean;
  near: boolean;
  begin: (event: PointerEvent<SVGRectElement>, side: Side, value: string, row: number) => void;
}

const Port = memo(function Port({ side, value, row, state, grown, near, begin }: PortProps) {
  const x = side === "source" ? 0 : BOX_WIDTH;
  return (
    <g>
      <circle className={`port port-${state}${grown ? " port-grown" : ""}${near ? " port-near" : ""}`} cx={x} cy={centre(row)} r={grown ? PORT_RADIUS + 2 : PORT_RADIUS} />
      <rect className="port-hit" x={x - PORT_HIT / 2} y={centre(row) - PORT_HIT / 2} width={PORT_HIT} height={PORT_HIT} data-port={`${side} ${value}`} onPointerDown={(event) => begin(event, side, value, row)} />
    </g>
  );
});

const Shape = memo(function Shape({ line, state, pick }: { line: Line; state: string; pick: (line: Line) => void }) {
  const path = linePath(line.from, line.to, line.straight);
  const dashed = state === "selected" && line.state === "blocked";
  return (
    <g className={`line line-${state}${dashed ? " line-dashed" : ""}`}>
      <path className="line-hit" d={path} data-line={`${line.source}=${line.target}`} onClick={() => pick(line)} />
      <path className="line-path" d={path} data-from={line.source} data-to={line.target} />
      {line.pair !== null && line.direction !== "->" && <path className="line-head" d={headPath(line.from, "source")} />}
      {line.pair !== null && line.direction !== "<-" && <path className="line-head" d={headPath(line.to, "target")} />}
    </g>
  );
});

const ARROWS = {
  "<->": "M-5 -2.6H5M3 -4.6l2 2-2 2M5 2.6H-5M-3 .6l-2 2 2 2", "->": "M-5 0H5M2.2 -2.8 5 0 2.2 2.8", "<-": "M5 0H-5M-2.2 -2.8 -5 0l2.8 2.8",
};

const Chip = memo(function Chip({ line, state, name, flip }: { line: Line; state: string; name: string; flip: (line: Line) => void }) {
  const { x, y } = chipAt(line.from, line.to, line.straight);
  if (line.pair === null) return <PairChip x={x} y={y} click={() => flip(line)} />;
  return (
    <g className={`line-chip line-chip-${state}`} transform={`translate(${x} ${y})`} onClick={() => flip(line)}>
      <title>{`${name}. Turn its direction`}</title>
      <rect className="line-chip-hit" x={-CHIP.width / 2} y="-12" width={CHIP.width} height="24" />
      <rect className="line-chip-box" x={-CHIP.width / 2 + 0.5} y={-CHIP.height / 2 + 0.5} width={CHIP.width - 1} height={CHIP.height - 1} rx={CHIP.height / 2 - 0.5} />
      <path className="line-chip-arrow" d={ARROWS[line.direction]} />
    </g>
  );
});

function PairChip({ x, y, click }: { x: number; y: number; click?: () => void }) {
  return (
    <g className="line-chip line-chip-pair" transform={`translate(${x} ${y})`} onClick={click}>
      <title>Pair these two values</title>
      <rect className="line-chip-hit" x="-18" y="-12" width="36" height="24" />
      <rect className="line-chip-box" x="-17.5" y={-CHIP.height / 2 + 0.5} width="35" height={CHIP.height - 1} rx={CHIP.height / 2 - 0.5} />
      <text textAnchor="middle" y="4">Pair</text>
    </g>
  );
}
