// The description of a real ticket as it would be written: as the target shows it, or its exact text.
import { useEffect, useRef, useState } from "react";
import type { DescriptionPreview } from "../../../api/generated/DescriptionPreview";
import type { SideView } from "../../../api/generated/SideView";
import { Icon } from "../../../components/icons";
import { Button, Select } from "../../../components/kit";
import { Empty, ErrorCard, sentence, Skeleton, Tile } from "../../../components/shapes";
import { LateField } from "../../../components/late-field";
import { count, countInFull } from "../../../lib/format";
import { Segments } from "../editing/bar";
import { NotRead, useOffline } from "../editing/reach";
import type { Samples } from "../editing/samples";
import type { Preview } from "./reading";
import { Blocks, Inlines, linesOf } from "./text";

interface PreviewPaneProps {
  source: SideView;
  target: SideView;
  type: string;
  samples: Samples;
  preview: Preview;
  lit: number | null;
}

type As = "shown" | "exact";

export function PreviewPane({ source, target, type, samples, preview, lit }: PreviewPaneProps) {
  const [as, setAs] = useState<As>("shown");
  const [other, choose] = useState(false);
  const { shown } = preview;
  const { recent: { source: recent }, unlisted: { source: unlisted }, sample, failed, pick, list } = samples;
  const lost = failed?.error ?? unlisted;
  return (
    <section className="preview" aria-label="Preview">
      <header className="preview-head">
        <div className="preview-title">
          <h2>Preview</h2>
          <Segments label="Show the preview" small value={as} choose={setAs} options={[{ value: "shown", label: `As ${target.label} shows it` }, { value: "exact", label: "Exact text" }]} />
        </div>
        <Picker source={source} samples={samples} other={other} setOther={choose} />
      </header>
      <div className="preview-sheet">
        {lost && (
          <NotRead
            title="The ticket could not be read" error={lost} view={source} retry={() => (failed === null ? list("source", true) : pick(failed.asked))}
            other={<Button size="small" onClick={() => choose(true)}>Choose another…</Button>}
          />
        )}
        {preview.error && <ErrorCard title="No description can be built" error={preview.error} />}
        {shown === null && lost === null && preview.error === null && (
          recent?.length === 0 && sample === null
            ? <Empty title="No ticket to show">No ticket of {source.label} changed lately. Type the number of one above.</Empty>
            : <div className="card"><Skeleton rows={6} what="the ticket" /></div>
        )}
        {shown !== null && (
          <article className="paper" aria-label={`Description of ${shown.key}`}>
            <p className="paper-key"><Tile side={target} role="target" small />{sample?.partner ?? `new, from ${shown.key}`}<span>{type}</span></p>
            <h3>{shown.title}</h3>
            {as === "exact" ? <pre className="paper-exact">{shown.exact}</pre> : <Shown shown={shown} lit={lit} />}
            {shown.cut_at !== null && <p className="paper-cut"><span>cut here, after {countInFull(shown.cut_at)} characters</span></p>}
          </article>
        )}
      </div>
      {shown !== null && <Measures shown={shown} target={target.label} />}
    </section>
  );
}

/** Lines of the builder one by one, so that one can be lit; then the original as it is. */
function Shown({ shown, lit }: { shown: DescriptionPreview; lit: number | null }) {
  const [first, ...rest] = shown.shown.blocks;
  const lines = first?.block === "paragraph" ? linesOf(first.of) : [];
  if (shown.lines.length === 0 || lines.length !== shown.lines.length) return <div className="paper-text"><Blocks blocks={shown.shown.blocks} /></div>;
  return (
    <div className="paper-text">
      <div className="paper-lines">
        {lines.map((pieces, at) => <p key={at} className={shown.lines[at] === lit ? "paper-line paper-lit" : "paper-line"}><Inlines pieces={pieces} /></p>)}
      </div>
      <Blocks blocks={rest} />
    </div>
  );
}

function Measures({ shown, target }: { shown: DescriptionPreview; target: string }) {
  const long = shown.cut_at !== null;
  return (
    <footer className="preview-foot" tabIndex={-1} aria-label="Length and losses" role="group">
      <p className={long ? "tone-bad" : ""}>
        <span className={long ? "" : "tone-ok"}><Icon name={long ? "error" : "check"} small /></span>
        {shown.chars_max === null ? `${count(shown.chars)} characters` : `${count(shown.chars)} of ${count(shown.chars_max)} characters`}
        {long && `: ${count(shown.chars - (shown.cut_at ?? 0))} are too many for ${target} and are cut`}
      </p>
      {shown.flattened !== "" && <p><span className="tone-warn"><Icon name="warning" small /></span>{sentence(shown.flattened)}</p>}
    </footer>
  );
}

/** Previous, next, one of the list, or any by its number. */
function Picker({ source, samples, other, setOther }: { source: SideView; samples: Samples; other: boolean; setOther: (on: boolean) => void }) {
  const offline = useOffline(source);
  const field = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (other) field.current?.querySelector("input")?.focus();
  }, [other]);
  const { recent, sample, reading } = samples;
  const list = recent.source ?? [];
  const key = reading?.key ?? sample?.key ?? "";
  const pick = (next: string) => {
    if (offline === null) samples.pick({ side: "source", key: next });
  };
  const at = list.findIndex((offer) => offer.key === key);
  const listed = list.map((offer) => ({ value: offer.key, label: `${offer.key}  ${offer.title}` }));
  const options = at === -1 && key !== "" ? [{ value: key, label: `${key}  ${sample?.title ?? ""}` }, ...listed] : listed;
  const go = (by: number) => {
    const next = list[at === -1 ? 0 : at + by];
    if (next !== undefined) pick(next.key);
  };
  return (
    <div className="picker">
      <div className="picker-row" ref={field}>
        {other || options.length === 0
          ? <LateField small labelHidden label="Ticket number" value="" placeholder={`Number of a ${source.label} ticket`} change={(typed) => { setOther(false); pick(typed); }} />
          : <Select small labelHidden label="Ticket of the preview" value={key} refused={offline} options={[...options, { value: "", label: "Another…" }]} change={(next) => (next === "" ? setOther(true) : pick(next))} />}
        <Button size="small" className="button-icon" aria-label="Previous ticket" refused={offline ?? (at > 0 ? null : "This is the first of the list.")} onClick={() => go(-1)}><Icon name="back" small /></Button>
        <Button size="small" className="button-icon" aria-label="Next ticket" refused={offline ?? (at < list.length - 1 ? null : "This is the last of the list.")} onClick={() => go(1)}><Icon name="next" small /></Button>
      </div>
      {reading !== null && sample !== null && <p className="hidden-text" role="status">Reading {reading.key}</p>}
    </div>
  );
}
