// Shapes that several screens share: platform tiles, bars, moments, cards for what is empty, missing or wrong.
import { type ReactNode, useState } from "react";
import type { ApiError } from "../api/generated/ApiError";
import type { Flow } from "../api/generated/Flow";
import type { SideView } from "../api/generated/SideView";
import { count, countInFull, fullMoment } from "../lib/format";
import { arrow, monogram } from "../lib/words";
import { Button } from "./kit";
import { Icon } from "./icons";
import "./shapes.css";

interface TileProps {
  side: SideView;
  role: "source" | "target";
  small?: boolean;
}

/** A platform as two letters: solid for the source, outlined for the target, dashed for a sandbox, hatched for practice. */
export function Tile({ side, role, small = false }: TileProps) {
  const shape = side.practice ? "tile-practice" : side.sandbox ? `tile-${role} tile-sandbox` : `tile-${role}`;
  const name = side.practice ? `${side.label} (practice)` : side.sandbox ? `${side.label} (sandbox)` : side.label;
  return <span className={`tile ${shape}${small ? " tile-small" : ""}`} role="img" aria-label={name} title={name}>{monogram(side.platform)}</span>;
}

interface TilePairProps {
  source: SideView;
  target: SideView;
  flow: Flow;
  small?: boolean;
}

export function TilePair({ source, target, flow, small = false }: TilePairProps) {
  const { sign, words } = arrow(flow);
  return (
    <span className="tile-pair">
      <Tile side={source} role="source" small={small} />
      <span className="tile-arrow"><span aria-hidden="true">{sign}</span><span className="hidden-text">{words}</span></span>
      <Tile side={target} role="target" small={small} />
    </span>
  );
}

/** A moment, with the full time as its tooltip. */
export function Moment({ ms, children }: { ms: number; children: ReactNode }) {
  return <time dateTime={new Date(ms).toISOString()} title={fullMoment(ms)} className="whole">{children}</time>;
}

/** A count of a table; zero is greyed, a shortened one has the whole number as its tooltip. */
export function Num({ value, tone }: { value: number; tone?: "bad" }) {
  const classes = value === 0 ? "zero" : tone === "bad" ? "tone-bad strong" : "";
  const [short, full] = [count(value), countInFull(value)];
  return <span className={classes} title={short === full ? undefined : full}>{short}</span>;
}

export interface BarPart {
  value: number;
  kind: "ok" | "bad" | "accent" | "warn";
}

interface BarProps {
  label: string;
  /** What it comes to, in words, for screen readers. */
  text: string;
  parts: BarPart[];
  whole: number;
}

/** A bar of parts. Drawn as SVG, for the policy lets in no inline styles. */
export function Bar({ label, text, parts, whole }: BarProps) {
  const scale = whole === 0 ? 0 : 100 / whole;
  const done = parts.reduce((sum, part) => sum + part.value, 0);
  const placed = parts.map((part, at) => ({ ...part, from: parts.slice(0, at).reduce((sum, before) => sum + before.value, 0) }));
  return (
    <svg
      className="bar" role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={whole} aria-valuenow={Math.min(done, whole)}
      aria-valuetext={text} viewBox="0 0 100 6" preserveAspectRatio="none"
    >
      {placed.map((part) => (
        <rect key={part.kind} className={`bar-${part.kind}`} x={part.from * scale} y="0" width={part.value * scale} height="6" />
      ))}
    </svg>
  );
}

/** Rows of the real height while the first answer is awaited. */
export function Skeleton({ rows, what }: { rows: number; what: string }) {
  return (
    <div className="skeleton" role="status" aria-label={`Loading ${what}`}>
      {Array.from({ length: rows }, (_, at) => <div key={at} className="skeleton-row" aria-hidden="true"><span /><span /><span /></div>)}
    </div>
  );
}

/** The 2 px line under the header while content is read anew. */
export function LoadingLine({ on }: { on: boolean }) {
  return on ? <div className="loading-line" aria-hidden="true"><span /></div> : null;
}

/** The level of a heading: 2 where it stands for the whole screen, 3 inside a part of it. */
type Level = 2 | 3;

function Heading({ level, children }: { level: Level; children: ReactNode }) {
  return level === 2 ? <h2>{children}</h2> : <h3>{children}</h3>;
}

interface EmptyProps {
  title: string;
  level?: Level;
  children?: ReactNode;
  actions?: ReactNode;
}

export function Empty({ title, level = 3, children, actions }: EmptyProps) {
  return (
    <div className="empty">
      <Heading level={level}>{title}</Heading>
      {children && <p>{children}</p>}
      {actions && <div className="empty-actions">{actions}</div>}
    </div>
  );
}

interface ErrorCardProps {
  title: string;
  level?: Level;
  error: ApiError;
  retry?: () => void;
  children?: ReactNode;
}

/** What happened, cause, fix, and the two buttons every error has. */
export function ErrorCard({ title, level = 3, error, retry, children }: ErrorCardProps) {
  const [copied, setCopied] = useState(false);
  const details = [title, `Cause: ${error.message}`, error.hint === null ? "" : `Fix: ${error.hint}`, `Code: ${error.code}`];
  const copy = () => {
    void navigator.clipboard.writeText(details.filter(Boolean).join("\n")).then(() => setCopied(true), () => setCopied(false));
  };
  return (
    <section className="error-card" role="alert">
      <header><Icon name="error" /><Heading level={level}>{title}</Heading></header>
      <dl>
        <div><dt>Cause</dt><dd>{sentence(error.message)}</dd></div>
        {error.hint !== null && <div><dt>Fix</dt><dd>{sentence(error.hint)}</dd></div>}
      </dl>
      <footer>
        {retry && <Button onClick={retry}>Try again</Button>}
        {children}
        <Button kind="quiet" onClick={copy}>{copied ? "Copied" : "Copy details"}</Button>
      </footer>
    </section>
  );
}

/** Messages come as clauses; alone they are sentences. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") return trimmed;
  const first = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?…"”)]$/.test(first) ? first : `${first}.`;
}
